# The newsroom in a container. docs/operations.md says how to run it.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/paperboy
WORKDIR /src
# What changes seldom comes first. setuptools, which builds the project, is in the lock as well.
COPY requirements.lock ./
RUN /opt/paperboy/bin/pip install --no-deps --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY jobs jobs
RUN /opt/paperboy/bin/pip install --no-deps --no-build-isolation . && /opt/paperboy/bin/pip check && /opt/paperboy/bin/paperboy --version

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin paperboy \
    && install --directory --owner=paperboy --mode=0700 /data
COPY --from=build /opt/paperboy /opt/paperboy
# Inside the container the server listens on all addresses; which of them the world sees is the publisher's choice.
ENV PATH=/opt/paperboy/bin:$PATH DATABASE_URL=sqlite:////data/paperboy.db HTTP_HOST=0.0.0.0 HTTP_PORT=8080
USER paperboy
WORKDIR /data
VOLUME /data
EXPOSE 8080
# What `paperboy health` asks, without starting the whole program for it twice a minute.
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s --retries=3 CMD ["python", "-c", "\
import http.client, os; \
newsroom = http.client.HTTPConnection(os.environ['HTTP_HOST'], int(os.environ['HTTP_PORT']), timeout=10); \
newsroom.request('GET', '/readyz'); \
raise SystemExit(newsroom.getresponse().status != 200)"]
ENTRYPOINT ["paperboy"]
CMD ["run"]

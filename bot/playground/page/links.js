/** Where a link leads: to the bot, to the share sheet, to a page, or nowhere. */

let username = "";
let papers = new Set();

/** Tell who the bot is and which newspapers this machine serves. */
export function knowLinks(botUsername, hosts) {
  username = botUsername.toLowerCase();
  papers = new Set(hosts);
}

/**
 * Where `address` leads: `{kind: "start", payload}`, `{kind: "share", url, text}`, `{kind: "page", href}`,
 * or null where a client would not follow it.
 */
export function destination(address) {
  const url = parsed(address);
  if (!url) return null;
  if (url.protocol === "mailto:") return { kind: "page", href: url.href };
  if (url.host === "t.me" || url.host === "telegram.me") {
    const [first, second] = url.pathname.toLowerCase().split("/").filter(Boolean);
    if (first === username) return { kind: "start", payload: url.searchParams.get("start") ?? "" };
    if (first === "share" && second === "url") {
      return { kind: "share", url: url.searchParams.get("url") ?? "", text: url.searchParams.get("text") ?? "" };
    }
  }
  if (papers.has(url.host)) return { kind: "page", href: `/wire/${url.host}${url.pathname}${url.search}` };
  return { kind: "page", href: url.href };
}

/** An address as an URL; one without a scheme, as people write it, counts as a page's. Null for what is no page. */
function parsed(address) {
  for (const candidate of [address, `http://${address}`]) {
    try {
      const url = new URL(candidate);
      if (["http:", "https:", "mailto:"].includes(url.protocol)) return url;
    } catch {
      continue;
    }
  }
  return null;
}

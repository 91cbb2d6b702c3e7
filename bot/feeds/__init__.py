"""Reading the web: fetching with a guard at the door, parsing where it can be killed, catalogues of feeds."""

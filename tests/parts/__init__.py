"""Real parts for tests: servers and a browser, started on free ports of this computer."""

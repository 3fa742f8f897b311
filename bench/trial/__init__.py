"""One load on one server, judged; and the search for the rate that it holds."""

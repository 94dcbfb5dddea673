"""What every page has around it."""

import re


def test_the_footer_names_the_version_also_where_a_record_is_called_version(client):
    for path in ("/", "/datasets/triage/2"):
        (footer,) = re.findall(r"<footer>(.*?)</footer>", client.get(path).text)

        assert re.match(r"<p>tunewise \d+\.\d+\.\d+ · <a ", footer)

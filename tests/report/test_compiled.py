import jinja2

from tunewise import __version__
from tunewise.report.compiled import Compiled
from tunewise.report.environment import environment as shipped


def environment(folder, source):
    loader = jinja2.DictLoader({"page.html": source})
    return jinja2.Environment(
        loader=loader, bytecode_cache=Compiled(folder), autoescape=True
    )


def test_a_kept_template_is_not_compiled_again(tmp_path, monkeypatch):
    environment(tmp_path, "said {{ x }}").get_template("page.html")
    assert len(list(tmp_path.iterdir())) == 1
    second = environment(tmp_path, "said {{ x }}")
    monkeypatch.setattr(second, "compile", None)
    assert second.get_template("page.html").render(x="<b>") == "said &lt;b&gt;"


def test_a_template_that_changed_is_compiled_anew(tmp_path):
    environment(tmp_path, "old").get_template("page.html")
    assert environment(tmp_path, "new").get_template("page.html").render() == "new"


def test_where_nothing_can_be_kept_templates_work_all_the_same(tmp_path):
    file = tmp_path / "file"
    file.write_text("no folder")
    page = environment(file / "below", "here").get_template("page.html")
    assert page.render() == "here"


def test_what_was_cut_short_is_compiled_anew(tmp_path):
    environment(tmp_path, "whole").get_template("page.html")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:60])
    assert environment(tmp_path, "whole").get_template("page.html").render() == "whole"


def test_what_was_compiled_under_other_options_is_compiled_anew(tmp_path):
    loader = jinja2.DictLoader({"page.html": "said {{ x }}"})
    for options, escaping in (("old", False), ("new", True)):
        cache = Compiled(tmp_path, options)
        made = jinja2.Environment(
            loader=loader, bytecode_cache=cache, autoescape=escaping
        )
        said = made.get_template("page.html").render(x="<b>")

    assert said == "said &lt;b&gt;"


def test_the_cache_of_the_account_goes_by_the_options_and_the_version():
    assert __version__ in shipped().bytecode_cache.pattern

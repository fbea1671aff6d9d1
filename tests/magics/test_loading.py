"""Loading, loading again, unloading: nothing is there twice, and nothing stays behind."""

from __future__ import annotations

import json

from .conftest import RunCells
from .kernels import StartKernel

# Everything of a shell that we touch, in numbers and names.
LOOK = """
def look():
    import json
    ip = get_ipython()
    formatters = ip.display_formatter
    return {
        "magics": sorted(name for names in ip.magics_manager.magics.values() for name in names),
        # IPython 9 makes its own when they are first used.
        "registry": [name for name in ip.magics_manager.registry if "Gem" in name],
        "configurables": [type(it).__name__ for it in ip.configurables if "Gem" in type(it).__name__],
        "formatters": [sorted(map(str, formatters.mimebundle_formatter.type_printers)),
                       sorted(map(str, formatters.ipython_display_formatter.type_printers))],
        "matchers": len(ip.Completer.custom_matchers),
        "completer": "_complete" in vars(ip.Completer),
        "events": {name: len(calls) for name, calls in ip.events.callbacks.items()},
        "transformers": len(ip.input_transformers_cleanup) + len(ip.input_transformers_post),
        "variables": sorted(name for name in ip.user_ns if "gem" in name.lower()),
    }
"""
LOOKED = "import json; print(json.dumps(look()))"


def test_unloading_leaves_nothing_behind(run_cells: RunCells) -> None:
    ran = run_cells(
        LOOKED,
        "%load_ext gemfiles_jupyter",
        "%config GemfilesMagics.model = 'another'\n%config GemfilesMagics.quiet = True",
        "%gemfiles ls",
        LOOKED,
        "%unload_ext gemfiles_jupyter",
        LOOKED,
        "%gemfiles ls",
        "from gemfiles_jupyter.magics.upload import PARSER; PARSER.parse_args(['x']).is_quiet",
        "%load_ext gemfiles_jupyter",
        "%config GemfilesMagics.model",
        first=LOOK,
    )
    before, loaded, after = (json.loads(ran.text(cell)) for cell in (1, 5, 7))

    assert loaded != before
    assert after == before
    assert "gemfiles" in ran.text(8)
    assert "not found" in ran.text(8)
    assert ran.text(9) == "False"
    assert ran.text(11) == "'another'", (
        "the session's configuration is the user's, and counts when loaded again"
    )


def test_loading_twice_and_reloading_is_harmless(run_cells: RunCells) -> None:
    ran = run_cells(
        "%load_ext gemfiles_jupyter",
        LOOKED,
        "%load_ext gemfiles_jupyter",
        "__import__('gemfiles_jupyter').load_ipython_extension(get_ipython())",
        LOOKED,
        "%reload_ext gemfiles_jupyter",
        LOOKED,
        "%gemfiles ls",
        first=LOOK,
    )

    once, twice, reloaded = (json.loads(ran.text(cell)) for cell in (2, 5, 7))
    assert twice == once
    assert reloaded == once
    assert "0 files" in ran.text(8)


def test_help_shows_the_options_however_it_is_asked_for(start_kernel: StartKernel) -> None:
    kernel = start_kernel()

    for line in ("%gemfiles help", "%gemfiles --help", "%gemfiles?"):
        shown = kernel.run(line).text
        assert all(verb in shown for verb in ("ls", "rm", "quota", "key", "doctor", "offline")), line
    assert "--older" in kernel.run("%gemfiles rm --help").text
    for line in ("%gemupload --help", "%gemupload?", "%%gemupload?", "?%gemupload"):
        assert "--reuse" in kernel.run(line).text, line
    for line in ("%gemprompt --help", "%gemprompt?", "%%gemprompt?"):
        assert "--schema" in kernel.run(line).text, line

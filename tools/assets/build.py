"""Builds the vendored style sheets and axe-core from `node_modules` (`npm ci` first).

Users of Passend have no Node, so the result is committed. `--check` fails when the committed files
differ from what the locked packages give.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "backend" / "web" / "static" / "web" / "vendor"
AXE = ROOT / "tests" / "browser" / "vendor" / "axe.min.js"

# Only what the templates use: a page loads one small sheet instead of 400 kB.
COMPONENTS = (
    "root",
    "body",
    "document",
    "alert",
    "alternate-lang-nav",
    "article",
    "breadcrumb-nav",
    "button",
    "button-link",
    "checkbox",
    "code",
    "code-block",
    "data-badge",
    "data-list",
    "form-field",
    "form-field-description",
    "form-field-error-message",
    "form-fieldset",
    "form-label",
    "heading-1",
    "heading-2",
    "heading-3",
    "heading-4",
    "link",
    "link-list",
    "mark",
    "ordered-list",
    "pagination",
    "paragraph",
    "radio-button",
    "select",
    "separator",
    "skip-link",
    "status-badge",
    "table",
    "textarea",
    "textbox",
    "unordered-list",
)
VOORBEELD = "@nl-design-system-unstable/voorbeeld-design-tokens"
_BRAND = {
    50: "#f7fafd",
    100: "#eef4fa",
    200: "#dbe6f2",
    300: "#b3c9e0",
    400: "#2a5d99",
    500: "#154273",
    600: "#0f3057",
    700: "#0b1f3a",
}
_FONTS = "'Noto Sans', system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
# A theme is a package of tokens and what differs from it. Passend's own is quieter than the
# example: blue where that is violet, no serifs, smaller headings for pages full of work.
THEMES: dict[str, tuple[str, dict[str, str]]] = {
    "voorbeeld": (VOORBEELD, {}),
    "passend": (
        VOORBEELD,
        {
            **{f"--voorbeeld-kleuren-violet-{step}": value for step, value in _BRAND.items()},
            "--basis-heading-font-family": _FONTS,
            "--basis-text-font-family-default": _FONTS,
            "--basis-text-font-size-3xl": "2rem",
            "--basis-text-font-size-2xl": "1.375rem",
            "--basis-text-font-size-xl": "1.125rem",
            "--basis-text-font-size-lg": "1.125rem",
        },
    ),
}

TOKEN = re.compile(r"^\s*(--[\w-]+):\s*(.+?);", re.MULTILINE)
USE = re.compile(r"var\(\s*(--[\w-]+)")


def components_css() -> str:
    parts = []
    for name in COMPONENTS:
        text = (MODULES / "@utrecht" / f"{name}-css" / "dist" / "index.css").read_text()
        parts.append(re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL).strip())
    notice = (
        "/* Utrecht Component Library (NL Design System). EUPL-1.2. Copyright (c) 2020-2024\n"
        " * Frameless B.V., (c) 2021-2024 Gemeente Utrecht. Made by tools/assets/build.py. */\n"
    )
    return notice + "\n".join(parts) + "\n"


def theme_css(theme: str, package: str, changes: dict[str, str], components: str) -> str:
    """The tokens of a theme: all `basis` tokens, and those that the components use."""
    source = (MODULES / package / "dist" / "theme.css").read_text()
    tokens = dict(TOKEN.findall(source)) | changes
    wanted = [name for name in tokens if name.startswith("--basis-")]
    wanted += USE.findall(components)
    kept: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in tokens and name not in kept:
            kept.add(name)
            wanted.extend(USE.findall(tokens[name]))
    lines = [f"  {name}: {tokens[name]};" for name in sorted(kept)]
    notice = (
        f"/* NL Design System, theme {theme}. EUPL-1.2. Copyright (c) 2021 NL Design System\n"
        " * Community. Made by tools/assets/build.py. */\n"
    )
    return f"{notice}.{theme}-theme {{\n" + "\n".join(lines) + "\n}\n"


def build() -> dict[Path, bytes]:
    components = components_css()
    files = {VENDOR / "components.css": components.encode()}
    for theme, (package, changes) in THEMES.items():
        sheet = theme_css(theme, package, changes, components)
        files[VENDOR / f"theme-{theme}.css"] = sheet.encode()
    files[AXE] = (MODULES / "axe-core" / "axe.min.js").read_bytes()
    return files


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare with what is committed")
    check = parser.parse_args().check
    if not MODULES.is_dir():
        sys.stderr.write("node_modules is missing: run `npm ci --ignore-scripts` first.\n")
        return 2
    stale = []
    for path, content in build().items():
        if path.exists() and path.read_bytes() == content:
            continue
        stale.append(path.relative_to(ROOT))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in stale:
        sys.stdout.write(f"{'differs' if check else 'written'}: {path}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

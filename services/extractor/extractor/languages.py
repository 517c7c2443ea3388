"""Which programming language a path is written in, by Linguist's names.

Names: https://github.com/github-linguist/linguist/blob/main/lib/linguist/languages.yml
"""

DECLARATIVE = frozenset({"Dockerfile", "HCL"})
"""Languages that describe what shall be there: they are read as configuration, not as code."""

_BY_EXTENSION = {
    "bash": "Shell",
    "c": "C",
    "cc": "C++",
    "cjs": "JavaScript",
    "clj": "Clojure",
    "cpp": "C++",
    "cs": "C#",
    "cts": "TypeScript",
    "cxx": "C++",
    "dart": "Dart",
    "dockerfile": "Dockerfile",
    "erl": "Erlang",
    "ex": "Elixir",
    "exs": "Elixir",
    "fs": "F#",
    "go": "Go",
    "groovy": "Groovy",
    "h": "C",
    "hcl": "HCL",
    "hh": "C++",
    "hpp": "C++",
    "hs": "Haskell",
    "java": "Java",
    "jl": "Julia",
    "js": "JavaScript",
    "jsx": "JavaScript",
    "kt": "Kotlin",
    "kts": "Kotlin",
    "lua": "Lua",
    "mjs": "JavaScript",
    "ml": "OCaml",
    "mts": "TypeScript",
    "php": "PHP",
    "pl": "Perl",
    "ps1": "PowerShell",
    "py": "Python",
    "pyi": "Python",
    "pyx": "Cython",
    "r": "R",
    "rake": "Ruby",
    "rb": "Ruby",
    "rs": "Rust",
    "scala": "Scala",
    "sh": "Shell",
    "sql": "SQL",
    "svelte": "Svelte",
    "swift": "Swift",
    "tf": "HCL",
    "ts": "TypeScript",
    "tsx": "TypeScript",
    "vue": "Vue",
    "zig": "Zig",
    "zsh": "Shell",
}

_BY_NAME = {
    "containerfile": "Dockerfile",
    "dockerfile": "Dockerfile",
    "gemfile": "Ruby",
    "jenkinsfile": "Groovy",
    "makefile": "Makefile",
    "rakefile": "Ruby",
    "vagrantfile": "Ruby",
}

LANGUAGES = frozenset(_BY_EXTENSION.values()) | frozenset(_BY_NAME.values())


def language_of(path: str) -> str | None:
    """The programming language that the name of `path` tells; None for data, prose and the unknown."""
    name = path.rpartition("/")[2].lower()
    stem, _, extension = name.rpartition(".")
    if stem == "dockerfile":
        return _BY_EXTENSION.get(extension, "Dockerfile")
    return _BY_NAME.get(name) or (_BY_EXTENSION.get(extension) if stem else None)

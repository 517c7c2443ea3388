"""Components worth reuse in JavaScript, TypeScript, Go and Java."""

import pytest

from extractor.components import components_of

SCRIPT = """\
import { é } from "x";

/**
 * Calls another service, "é".
 * @param path where
 */
@Injectable()
export class Client<T> extends Base {
  constructor(private path: string) {}
  // one comment
  async get(path: string): Promise<T> {
    return this.call("GET // é", path);
  }
  private call(method: string) {
    return method;
  }
  #own() {}
}

/** Doubles. */
export const double = async (a: number) => {
  BODY
};
""".replace("BODY", "\n  ".join(f"a += {n};" for n in range(9)))

GO = """\
package client

// Client calls "é".
// And says more.
type Client struct {
BODY
}

// Get asks.
func (c *Client) Get() error { return nil }

func (c Client) hidden() {}
""".replace("BODY", "\n".join(f"\tfield{n} int // é" for n in range(9)))

JAVA = """\
package client;

/**
 * Calls another service.
 */
@Service
public class Client<T> {
  // one comment
  private final String base = "http://é";
  public Client() {}

  @Override
  public String get(String path) {
    return base + path;
  }

  public String get(int number) { return ""; }

  void hidden() {}
}
"""

ALL = {"TypeScript": SCRIPT, "Go": GO, "Java": JAVA}


@pytest.mark.parametrize(
    ("language", "lines", "description", "methods"),
    [
        ("TypeScript", (7, 18), 'Calls another service, "é".', ("get",)),
        ("JavaScript", (7, 18), 'Calls another service, "é".', ("get",)),
        ("Go", (5, 15), 'Client calls "é".', ("Get",)),
        ("Java", (6, 20), "Calls another service.", ("get",)),
    ],
)
def test_an_exported_class_is_told_with_its_lines_methods_and_first_sentence(
    language, lines, description, methods
):
    found = components_of(ALL.get(language, SCRIPT), language)[0]
    assert (found.name, found.kind, (found.start, found.end)) == ("Client", "class", lines)
    assert (found.description, found.public_methods) == (description, methods)


def test_a_function_that_a_constant_names_is_one():
    found = components_of(SCRIPT, "TypeScript")[1]
    assert (found.name, found.kind, found.description) == ("double", "function", "Doubles.")


@pytest.mark.parametrize(
    "export",
    [
        "export { Client };",
        "export { Client as default };",
        "export default Client;",
        "module.exports = Client;",
        "module.exports = { Client };",
        "module.exports = { Other: Client };",
        "exports.Client = Client;",
    ],
)
def test_a_class_may_be_exported_apart_from_where_it_stands(export):
    (found,) = components_of(SCRIPT.replace("export ", "") + export, "TypeScript")
    assert (found.name, found.start) == ("Client", 7)


def test_what_another_module_declares_is_not_exported_by_its_name():
    text = SCRIPT.replace("export ", "") + 'export { Client } from "./other";'
    assert components_of(text, "TypeScript") == ()


def test_methods_are_found_behind_a_generic_receiver_and_among_the_values_of_an_enumeration():
    fields = "\n".join(f"  a{n} int" for n in range(9))
    (go,) = components_of(
        f"package a\ntype Box[T any] struct {{\n{fields}\n}}\nfunc (b *Box[T]) Get() {{}}\n", "Go"
    )
    values = ",\n".join(f"  A{n}" for n in range(9))
    (java,) = components_of(
        f"public enum Kind {{\n{values};\n  public int rank() {{ return 1; }}\n}}", "Java"
    )
    assert (go.public_methods, java.public_methods) == (("Get",), ("rank",))


def test_a_comment_that_a_blank_line_parts_from_a_definition_does_not_document_it():
    (client, *_) = components_of(GO.replace("\ntype Client", "\n\ntype Client"), "Go")
    assert (client.name, client.description) == ("Client", "")


@pytest.mark.parametrize("mark", ["<T>(one)", "<b>{one}</b>"], ids=["cast", "markup"])
def test_marks_in_angles_are_casts_or_markup(mark):
    body = "\n".join(f"  const a{n} = {n};" for n in range(9))
    text = f"/** Shows. */\nexport function Show<T>(one: any) {{\n{body}\n  return {mark};\n}}\n" * 2
    found = components_of(text, "TypeScript")
    assert [(one.start, one.end) for one in found] == [(2, 13), (15, 26)]


def test_interfaces_tell_what_they_ask_for():
    body = "\n".join(f"  {{}}{n}(){{}}" for n in range(9))
    script = components_of(f"export interface Store {{\n{body.format(*['a', ''] * 9)}\n}}", "TypeScript")
    java = components_of(f"public interface Store {{\n{body.format(*['void a', ';'] * 9)}\n}}", "Java")
    go = components_of(f"package a\ntype Store interface {{\n{body.format(*['A', ''] * 9)}\n}}", "Go")
    assert [one.kind for one in (*script, *java, *go)] == ["interface"] * 3
    assert [len(one.public_methods) for one in (*script, *java, *go)] == [9] * 3


@pytest.mark.parametrize("language", ALL)
def test_comments_and_blank_lines_do_not_make_another_component(language):
    one = components_of(ALL[language], language)[0]
    other = ALL[language].replace("  // one comment", "\n  /* another\n\n */").replace("// é", "// e")
    two = components_of(other.replace('"GET // e"', '"GET // é"'), language)[0]
    assert (one.digest, one.sketch) == (two.digest, two.sketch)
    changed = components_of(ALL[language].replace("field3", "x").replace("path)", "to)"), language)[0]
    assert changed.digest != one.digest


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("TypeScript", SCRIPT.replace("export ", "")),
        ("Go", GO.replace("Client", "client")),
        ("Java", JAVA.replace("public class", "class")),
        ("Kotlin", JAVA),
        ("Java", "class A { a" + "<a\n" * 30_000),
        ("TypeScript", "x" * 3000 + "\n" + SCRIPT),
        ("TypeScript", "(" * 1999),
        ("Go", "\0\ud800" * 50),
        ("Java", JAVA.replace("\n", "\r")),
    ],
    ids=["hidden", "hidden", "hidden", "unknown", "dense", "minified", "nested", "binary", "returns"],
)
def test_what_others_could_not_use_or_no_person_wrote_is_no_component(language, text):
    assert components_of(text, language) == ()


def test_half_a_character_stops_nothing():
    found = components_of(JAVA.replace("http", "\ud800"), "Java")
    assert [one.name for one in found] == ["Client"]

"""Maven, Gradle, NuGet, Cargo, RubyGems and Composer: names, groups and lines; what is hostile is refused."""

import time

import pytest

from extractor.manifests import manifest_of


def read(path, text):
    manifest = manifest_of(path, text)
    return (
        manifest.ecosystem,
        manifest.name,
        [(d.name, d.requirement, d.group, d.line) for d in manifest.dependencies],
    )


def test_a_pom_gives_coordinates_with_its_own_properties_and_scopes():
    text = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>com.acme</groupId><version>3</version></parent>
  <artifactId>orders</artifactId>
  <properties><jooq.version>3.19</jooq.version></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.jooq</groupId><artifactId>jooq</artifactId><version>${jooq.version}</version>
    </dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId></dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><scope>test</scope></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>core</artifactId></dependency>
    <dependency><groupId>${elsewhere}</groupId><artifactId>x</artifactId></dependency>
  </dependencies>
</project>
"""
    assert read("svc/pom.xml", text) == (
        "maven",
        "com.acme:orders",
        [
            ("org.jooq:jooq", "3.19", "", 9),
            ("org.slf4j:slf4j-api", "2.0", "", 12),
            ("junit:junit", "", "test", 13),
            ("com.acme:core", "", "", 14),
        ],
    )


def test_gradle_gives_literals_in_both_languages_and_no_more():
    text = """dependencies {
    implementation 'io.micrometer:micrometer-core:1.12'
    implementation(platform("org.springframework.boot:spring-boot-dependencies:3.4"))
    testImplementation("org.junit.jupiter:junit-jupiter")
    annotationProcessor "org.projectlombok:lombok:1.18"
    implementation libs.guava
    // implementation 'a:b:1'
    println 'x:y:1'
}
"""
    assert read("build.gradle.kts", text)[2] == [
        ("io.micrometer:micrometer-core", "1.12", "", 2),
        ("org.springframework.boot:spring-boot-dependencies", "3.4", "", 3),
        ("org.junit.jupiter:junit-jupiter", "", "test", 4),
        ("org.projectlombok:lombok", "1.18", "build", 5),
    ]


def test_a_version_catalog_gives_libraries_however_they_are_written():
    text = """[versions]
okhttp = "4.12"
[libraries]
okhttp = { module = "com.squareup.okhttp3:okhttp", version.ref = "okhttp" }
gson = "com.google.code.gson:gson:2.10"
guava = { group = "com.google.guava", name = "guava", version = "33" }
"""
    assert read("gradle/libs.versions.toml", text)[2] == [
        ("com.squareup.okhttp3:okhttp", "4.12", "", 4),
        ("com.google.code.gson:gson", "2.10", "", 5),
        ("com.google.guava:guava", "33", "", 6),
    ]


def test_dotnet_projects_give_packages_and_leave_out_what_only_builds():
    text = """<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><PackageId>Acme.Orders</PackageId></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="MediatR" Version="12.0.1" />
    <PackageReference Include="Serilog"><Version>3.1</Version></PackageReference>
    <PackageReference Include="StyleCop" Version="1.1" PrivateAssets="all" />
  </ItemGroup>
</Project>
"""
    assert read("src/Orders.csproj", text) == (
        "nuget",
        "Acme.Orders",
        [("MediatR", "12.0.1", "", 4), ("Serilog", "3.1", "", 5), ("StyleCop", "1.1", "dev", 6)],
    )
    assert manifest_of("x.csproj", "<Project />") is None


def test_cargo_gives_the_name_behind_an_alias_and_what_a_target_asks_for():
    text = """[package]
name = "orders"
[dependencies]
serde = { version = "1", features = ["derive"] }
json = { package = "serde_json", version = "1.0" }
[dev-dependencies]
proptest = "1"
[target.'cfg(unix)'.dependencies]
nix = "0.29"
"""
    assert read("Cargo.toml", text) == (
        "cargo",
        "orders",
        [
            ("serde", "1", "", 4),
            ("serde_json", "1.0", "", 5),
            ("proptest", "1", "dev", 7),
            ("nix", "0.29", "", 9),
        ],
    )


def test_a_gemfile_gives_groups_of_blocks_and_of_lines():
    text = """source "https://rubygems.org"
gem "rails", "~> 7.1"
group :test, :development do
  if ENV["X"]
    gem 'rspec'
  end
end
gem "puma", group: :production
gem "rack"
"""
    assert read("Gemfile", text)[2] == [
        ("rails", "~> 7.1", "", 2),
        ("rspec", "", "test", 5),
        ("puma", "", "production", 8),
        ("rack", "", "", 9),
    ]


def test_a_gemspec_names_its_gem_and_what_it_needs():
    text = """Gem::Specification.new do |spec|
  spec.name = "acme-client"
  spec.summary = "Talks to acme"
  spec.add_dependency "faraday", ">= 2"
  spec.add_development_dependency("rake")
end
"""
    assert read("acme.gemspec", text) == (
        "gem",
        "acme-client",
        [("faraday", ">= 2", "", 4), ("rake", "", "dev", 5)],
    )


def test_composer_gives_packages_but_not_php_itself():
    text = '{\n "name": "Acme/Shop",\n "require": {\n  "php": ">=8",\n  "Monolog/monolog": "^3"\n }\n}'
    assert read("composer.json", text) == ("composer", "acme/shop", [("monolog/monolog", "^3", "", 5)])


@pytest.mark.parametrize(
    ("path", "text", "private", "public"),
    [
        ("package.json", '{"name": "@acme/shop", "private": %s}', "true", "false"),
        ("Cargo.toml", '[package]\nname = "shop"\npublish = %s\n', "false", '["ours"]'),
        ("pyproject.toml", '[project]\nname = "shop"\n[tool.uv]\npackage = %s\n', "false", "true"),
        ("pyproject.toml", '[tool.poetry]\nname = "shop"\npackage-mode = %s\n', "false", "true"),
        ("a.csproj", "<P><PackageId>Shop</PackageId><IsPackable>%s</IsPackable></P>", "False", "True"),
        (
            "pom.xml",
            "<project><properties><maven.deploy.skip>%s</maven.deploy.skip></properties></project>",
            "true",
            "false",
        ),
    ],
)
def test_a_manifest_says_that_its_package_is_never_published(path, text, private, public):
    assert manifest_of(path, text % private).is_private
    assert not manifest_of(path, text % public).is_private


@pytest.mark.parametrize("encoding", ["iso-8859-1", "gbk", "utf-16", "nonsense", "idna"])
def test_the_encoding_that_xml_declares_was_that_of_its_bytes(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><Project><PackageId>A</PackageId>'
    manifest = manifest_of("a.csproj", text + "<Description>é</Description></Project>")
    assert manifest.description == "é"


BOMB = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><project>&b;</project>'


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("pom.xml", BOMB, "DTD"),
        ("pom.xml", "<project>", "not XML"),
        ("pom.xml", "<html/>", "not a <project>"),
        ("a.csproj", "<a>" * 60, "nested too deeply"),
        ("a.csproj", "", "not XML"),
        ("composer.json", "[]", "not a JSON object"),
        ("Cargo.toml", "[package", "Expected"),
        ("libs.versions.toml", "a." * 100 + "b = 1", "64 parts"),
    ],
)
def test_what_is_malformed_or_hostile_is_refused_with_the_reason(path, text, reason):
    with pytest.raises(ValueError, match=reason):
        manifest_of(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Gemfile", "gem " + "'a' , " * 120_000),
        ("Gemfile", "group " * 150_000 + "do"),
        ("build.gradle", "implementation " + "(" * 900_000),
        ("build.gradle", ("a" * 900 + "\n") * 1000),
        ("a.gemspec", "s.add_dependency " * 50_000),
        ("pom.xml", "<project>" + "<dependency/>" * 60_000 + "</project>"),
        ("pom.xml", "<project>" + "xy<b/>" * 160_000 + "</project>"),
        ("composer.json", '{"require": {' + '"' * 900_000),
    ],
)
def test_a_long_manifest_takes_no_more_than_its_length(path, text):
    start = time.process_time()
    try:
        manifest_of(path, text)
    except ValueError:
        pass
    assert time.process_time() - start < 20  # quadratic time would take minutes, on any machine


@pytest.mark.parametrize("encoding", ["utf-16", "hex", "no-such-encoding"])
def test_xml_is_read_whatever_encoding_it_claims(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><a><PackageReference Include="B" Version="1"/></a>'
    assert read("a.csproj", text) == ("nuget", None, [("B", "1", "", 1)])


def test_text_between_many_elements_takes_linear_time():
    text = "<a><PackageId>B</PackageId>" + "🦆🦆🦆🦆<b/>" * 120_000 + "</a>"
    started = time.process_time()
    assert manifest_of("a.csproj", text).name == "B"
    assert time.process_time() - started < 5


def test_a_version_that_refers_to_no_name_is_no_version():
    text = '[versions]\na = "1"\n[libraries]\nx = { module = "g:x", version = { ref = ["a"] } }\n'
    assert read("gradle/libs.versions.toml", text) == ("maven", None, [("g:x", "", "", 4)])


def test_a_managed_version_is_found_under_the_projects_own_group():
    core = "<groupId>${project.groupId}</groupId><artifactId>core</artifactId>"
    managed = f"<dependencies><dependency>{core}<version>7</version></dependency></dependencies>"
    text = (
        "<project><groupId>g</groupId><artifactId>a</artifactId>"
        f"<dependencyManagement>{managed}</dependencyManagement>"
        f"<dependencies><dependency>{core}</dependency></dependencies></project>"
    )
    assert read("pom.xml", text)[2] == [("g:core", "7", "", 1)]


def test_a_gem_behind_the_end_of_a_group_is_in_no_group():
    text = 'group :test do\n  gem "a"\nend\ngem "b"\n'
    assert read("Gemfile", text)[2] == [("a", "", "test", 2), ("b", "", "", 4)]

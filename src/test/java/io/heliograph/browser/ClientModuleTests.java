package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the browser client's own tests, {@code src/test/js}, with Node, and checks its types. */
class ClientModuleTests {

  private static final Path TESTS = Path.of("src/test/js");

  @Test
  void theClientModulesPassTheirOwnTests() throws Exception {
    runNodeTests(Map.of());
  }

  /** A minifier that broke something would break it for every page. */
  @ParameterizedTest
  @ValueSource(strings = {"heliograph.js", "heliograph.min.js"})
  void theFileThatIsServedPassesThemToo(String file) throws Exception {
    Path served = ClientBuild.once().resolve("static").resolve(file);

    assertThat(Files.readString(served)).doesNotContainPattern("(?m)^import ");
    runNodeTests(Map.of("HELIOGRAPH_JS", served.toUri().toString()));
  }

  /** What the comments of the modules say about types holds, up to the declarations. */
  @Test
  void theModulesFitTheirTypes() throws Exception {
    var command = new ArrayList<>(typeCheck());
    command.addAll(List.of("--allowJs", "--checkJs"));
    for (String entry : List.of("heliograph.js", "core.js", "heliograph-tabs.js")) {
      command.add("src/main/js/" + entry);
    }
    ClientBuild.execute(command, Map.of());
  }

  @Test
  void theTypesFitStrictUse() throws Exception {
    var command = new ArrayList<>(typeCheck());
    command.add("--exactOptionalPropertyTypes");
    command.add(TESTS.resolve("types.ts").toString());
    command.add(TESTS.resolve("types-react.ts").toString());
    ClientBuild.execute(command, Map.of());
  }

  private static List<String> typeCheck() {
    return List.of(
        ClientBuild.executable(
            "tsc", "to check the client's types install TypeScript: npm install -g typescript"),
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--lib",
        "es2022,dom,dom.iterable");
  }

  private static void runNodeTests(Map<String, String> environment) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                ClientBuild.executable(
                    "node", "to run the client's own tests install Node.js 20 or newer"),
                "--test"));
    try (var files = Files.list(TESTS)) {
      files
          .filter(file -> file.toString().endsWith(".test.mjs"))
          .sorted()
          .forEach(test -> command.add(test.toString()));
    }
    ClientBuild.execute(command, environment);
  }
}

package io.heliograph.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The build of the browser client: with Node, without it, and what is in the package. */
class ClientPackageTests {

  @TempDir Path work;

  @Test
  void aMachineWithoutNodeServesTheSourceItselfAndSaysSo() throws Exception {
    String said = ClientBuild.run(work, Map.of("PATH", work.toString()));

    assertThat(said).contains("heliograph.min.js is the source itself, not minified: ", "Node.js");
    assertThat(work.resolve("static/heliograph.min.js"))
        .hasSameTextualContentAs(work.resolve("static/heliograph.js"));
    assertThat(work.resolve("static/heliograph.min.js.map")).doesNotExist();
    assertThat(work.resolve("static/heliograph.min.js.map.gz")).doesNotExist();
  }

  @Test
  void aMachineWhoseNpmReachesNothingServesTheSourceItselfAndSaysSo() throws Exception {
    ClientBuild.executable("npm", "to try the build without a registry install npm");

    String said =
        ClientBuild.run(
            work,
            Map.of(
                "npm_config_registry",
                "http://127.0.0.1:9",
                "npm_config_cache",
                work.resolve("cache").toString()));

    assertThat(said)
        .contains("heliograph.min.js is the source itself, not minified: npm could not");
    assertThat(work.resolve("static/heliograph.min.js"))
        .hasSameTextualContentAs(work.resolve("static/heliograph.js"));
  }

  @Test
  void everythingThatThePackageNamesIsInIt() throws Exception {
    Path built = ClientBuild.once().resolve("browser-client/npm");
    assumeMinified(built);
    JsonNode json = JsonMapper.shared().readTree(Files.readString(built.resolve("package.json")));

    for (JsonNode file : json.get("files")) {
      assertThat(built.resolve(file.stringValue())).exists();
    }
    for (JsonNode export : json.get("exports")) {
      for (JsonNode file : export.isString() ? List.of(export) : export) {
        assertThat(built.resolve(file.stringValue())).exists();
      }
    }
    assertThat(Files.readString(Path.of("pom.xml")))
        .contains("<version>" + json.get("version").stringValue() + "</version>");
  }

  /** As docs/clients.md promises them. */
  @ParameterizedTest
  @CsvSource({"core.min.js, 6900", "heliograph.min.js, 10240", "heliograph-tabs.min.js, 11776"})
  void aPageLoadsFewBytes(String file, int most) throws Exception {
    Path built = ClientBuild.once().resolve("browser-client/npm");
    assumeMinified(built);

    assertThat(gzipped(built.resolve(file))).as(file + ", gzipped").isLessThanOrEqualTo(most);
  }

  private static void assumeMinified(Path built) {
    assumeTrue(
        Files.exists(built.resolve("heliograph.min.js.map")),
        "to check the minified client install Node.js with npm, and a registry must be reachable");
  }

  private static int gzipped(Path file) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(Files.readAllBytes(file));
    }
    return bytes.size();
  }
}

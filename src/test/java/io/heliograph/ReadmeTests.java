package io.heliograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.heliograph.support.Documentation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.json.JsonMapper;

/** Runs every command of README.md and docs/ as a reader would, against a running application. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "heliograph.security.api-key=" + ReadmeTests.KEY,
      "management.server.port=0",
      "SHOP_SECRET=" + ReadmeTests.SHOP_SECRET
    })
class ReadmeTests {

  static final String KEY = "rEaDmE-4f9b27c1d8e05a63b1c7-9f20ae";
  static final String SHOP_SECRET = "whsec_NXcyOGJkMWY2YTNlOWM0N2IwZDU4YTJlNmY5MTNjNzQ=";

  private static final Path README = Path.of("README.md");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\\n]*`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");

  private static final Pattern NAME =
      Pattern.compile(
          "`(heliograph\\.(?!js|min|d\\.ts|jar|v1)[a-z0-9.\\-]*[a-z0-9](?:\\.?\\{[a-z0-9,\\-]+})?)");

  private static final Pattern BRACES = Pattern.compile("\\{([^}]+)}");
  private static final Pattern METRIC = Pattern.compile("(?m)^[|-] `(heliograph\\.[a-z.]+)`");

  @LocalServerPort private int port;
  @LocalManagementPort private int managementPort;

  /** The source of callbacks that docs/callbacks.md configures. */
  @DynamicPropertySource
  static void documentedSettings(DynamicPropertyRegistry registry) {
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(
        new ByteArrayResource(
            Documentation.block(Path.of("docs/callbacks.md"), "yaml", "sources")
                .getBytes(StandardCharsets.UTF_8)));
    Objects.requireNonNull(yaml.getObject())
        .forEach((name, value) -> registry.add(name.toString(), () -> value));
  }

  static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      return Stream.concat(
              Stream.of(README, Path.of("CONTRIBUTING.md")),
              docs.filter(page -> page.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  private static boolean needsTheBuild(String block) {
    return block.startsWith("./mvnw") || block.contains("java -jar ");
  }

  private static Stream<Arguments> blocks(boolean needTheBuild) throws IOException {
    Stream.Builder<Arguments> blocks = Stream.builder();
    for (Path page : pages()) {
      Documentation.blocks(page, "bash").stream()
          .filter(block -> needsTheBuild(block) == needTheBuild)
          .forEach(block -> blocks.add(Arguments.of(page, block)));
    }
    return blocks.build();
  }

  static Stream<Arguments> commands() throws IOException {
    return blocks(false);
  }

  static Stream<Arguments> commandsThatNeedTheBuild() throws IOException {
    return blocks(true);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("commands")
  void theCommandWorksAsItStands(Path page, String command)
      throws IOException, InterruptedException {
    assumeThat(hasCurl()).as("install curl and bash to run the commands of " + page).isTrue();
    Result result = bash(command);
    assertThat(result.exit()).as(result.output()).isZero();
    assertThat(result.output()).doesNotContain("/problems/");
  }

  /** Maven's commands, and those that need the jar. A block in several lines is run whole. */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("commandsThatNeedTheBuild")
  void ciRunsTheCommandsThatNeedTheBuild(Path page, String block) {
    String script = plain(Documentation.text(Path.of(".ci/run")));
    if (block.startsWith("./mvnw") || block.startsWith("java ")) {
      assertThat(plain(block).lines()).allSatisfy(line -> assertThat(script).contains(line));
    } else {
      assertThat(script).contains("documented " + page + " 'java -jar'");
    }
  }

  /** Without comments, line continuations and the options that only change what Maven prints. */
  private static String plain(String commands) {
    return commands
        .replaceAll("\\\\\\n\\s*", "")
        .replaceAll("(?m)\\s+#.*$", "")
        .replaceAll(" (-B|-ntp|-q)(?= )", "");
  }

  @Test
  void aCommandThatIsRefusedWouldBeNoticed() throws IOException, InterruptedException {
    assumeThat(hasCurl()).as("install curl and bash to run the README's commands").isTrue();
    assertThat(bash("curl http://localhost:8080/v1/sessions").exit()).isNotZero();
  }

  @Test
  void theReadmeStartsWithTheTwoCommandsThatSetUpEverything() throws IOException {
    String first = Documentation.blocks(README, "bash").getFirst();
    assertThat(first.lines().map(line -> line.replaceAll("\\s+#.*", "")))
        .containsExactly("./mvnw spring-boot:run", "./mvnw verify");
    assertThat(commands()).hasSizeGreaterThan(5);
  }

  @Test
  void theReadmeIsShort() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(250);
  }

  @Test
  void everyPageIsLinkedFromTheReadme() throws IOException {
    String readme = Files.readString(README);
    assertThat(pages())
        .filteredOn(page -> !page.equals(README))
        .allSatisfy(page -> assertThat(readme).contains("](" + page + ")"));
  }

  @Test
  void everyLinkBetweenThePagesLeadsSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path page : pages()) {
      String text = CODE.matcher(Files.readString(page)).replaceAll("");
      for (MatchResult link : LINK.matcher(text).results().toList()) {
        if (!link.group(1).contains(":") && !leadsSomewhere(page, link)) {
          dead.add(page + ": " + link.group());
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  /**
   * Names in code spans; {@code {a,b}} stands for several, {@code <id>} and {@code [n]} for any.
   */
  @Test
  void everySettingInThePagesExists() throws IOException {
    Set<String> known = settings();
    assertThat(known).contains("heliograph.session.heartbeat");
    List<String> unknown = new ArrayList<>();
    for (Path page : pages()) {
      NAME.matcher(Files.readString(page))
          .results()
          .flatMap(name -> alternatives(name.group(1)))
          .filter(name -> known.stream().noneMatch(setting -> covers(setting, name)))
          .forEach(name -> unknown.add(page + ": " + name));
    }
    assertThat(unknown).isEmpty();
  }

  private static Stream<String> alternatives(String name) {
    MatchResult braces = BRACES.matcher(name).results().findFirst().orElse(null);
    return braces == null
        ? Stream.of(name)
        : Stream.of(braces.group(1).split(",")).map(one -> name.replace(braces.group(), one));
  }

  /** A map's or list's setting covers what is in it, and {@code heliograph.login.*} is a group. */
  private static boolean covers(String setting, String name) {
    return name.equals(setting)
        || name.startsWith(setting + ".")
        || name.startsWith(setting + "[")
        || setting.startsWith(name + ".");
  }

  /** Settings by Spring's metadata and application.yml, and the metrics, which look alike. */
  private Set<String> settings() throws IOException {
    Set<String> names = new HashSet<>();
    var metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json");
    JsonMapper.shared()
        .readTree(metadata.getContentAsByteArray())
        .path("properties")
        .forEach(property -> names.add(property.path("name").asString()));
    var yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    Objects.requireNonNull(yaml.getObject()).keySet().forEach(name -> names.add(name.toString()));
    METRIC
        .matcher(Documentation.text(Path.of("docs/operations.md")))
        .results()
        .forEach(metric -> names.add(metric.group(1)));
    return names;
  }

  private static boolean leadsSomewhere(Path page, MatchResult link) throws IOException {
    Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
    if (!Files.exists(target)) {
      return false;
    }
    String anchor = link.group(2);
    if (anchor == null) {
      return true;
    }
    String text = Files.readString(target);
    return text.contains("<a id=\"" + anchor + "\">")
        || text.lines()
            .filter(line -> line.startsWith("#"))
            .map(ReadmeTests::anchor)
            .anyMatch(anchor::equals);
  }

  /** The anchor that GitHub gives a heading. */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("^#+ ", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  private record Result(int exit, String output) {}

  private Result bash(String command) throws IOException, InterruptedException {
    String here =
        command
            .replace("localhost:8080", "localhost:" + port)
            .replace("localhost:8081", "127.0.0.1:" + managementPort);
    // Each curl of a block counts, not only the last.
    String script = "set -eu -o pipefail\ncurl() { command curl --fail-with-body -sS \"$@\"; }\n";
    ProcessBuilder bash = new ProcessBuilder(List.of("bash", "-c", script + here));
    bash.environment().put("HELIOGRAPH_KEY", KEY);
    bash.environment().put("SHOP_SECRET", SHOP_SECRET);
    Process process = bash.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the command ends").isTrue();
    return new Result(process.exitValue(), output);
  }

  private static boolean hasCurl() {
    return Stream.of("/usr/bin/curl", "/bin/curl")
            .anyMatch(curl -> Files.isExecutable(Path.of(curl)))
        && Files.isExecutable(Path.of("/bin/bash"));
  }
}

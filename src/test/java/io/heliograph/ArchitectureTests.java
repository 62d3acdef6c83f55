package io.heliograph;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.heliograph.architecture.PackageGraph;
import io.heliograph.support.Documentation;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shape of the whole: which package may use which. A new package gets a line in the table; a
 * new arrow is a decision, so it shows in a diff of this file.
 */
class ArchitectureTests {

  /**
   * Each package below {@code io.heliograph}, and what it may use there beside itself. An entry
   * that ends in a type's name allows that type alone.
   */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          entry("message", Set.of()),
          entry("settings", Set.of("problem")),
          entry("broker", Set.of("message", "settings")),
          entry("broker.memory", Set.of("broker", "message")),
          entry("redis", Set.of("concurrent")),
          entry("broker.redis", Set.of("broker", "concurrent", "message", "redis")),
          entry("concurrent", Set.of()),
          entry("problem", Set.of()),
          entry("idempotency", Set.of("problem", "redis")),
          entry("web", Set.of("broker", "message", "problem")),
          entry(
              "security",
              Set.of("broker.BrokerMode", "message", "problem", "redis", "settings", "web")),
          entry("session", Set.of("message", "problem")),
          entry("hub", Set.of("session", "broker", "concurrent", "message", "problem", "security")),
          entry(
              "client",
              Set.of(
                  "broker.BrokerUnavailableException",
                  "concurrent",
                  "hub",
                  "session",
                  "message",
                  "publish",
                  "security",
                  "problem",
                  "web")),
          entry("cluster", Set.of("hub", "session", "broker", "concurrent", "message")),
          entry("server", Set.of("message", "problem", "web")),
          entry("transport", Set.of("session")),
          entry(
              "transport.websocket",
              Set.of("transport", "client", "session", "server", "problem", "web")),
          entry("transport.http", Set.of("transport", "session", "server", "security", "problem")),
          entry(
              "transport.engineio",
              Set.of(
                  "transport.http",
                  "transport.websocket",
                  "session",
                  "server",
                  "message",
                  "problem",
                  "web")),
          entry(
              "protocol.socketio",
              Set.of(
                  "client",
                  "transport.engineio",
                  "transport.http",
                  "transport.websocket",
                  "protocol.v1",
                  "server",
                  "web",
                  "hub",
                  "session",
                  "concurrent",
                  "problem",
                  "redis",
                  "publish.RawJson",
                  "broker.BrokerMode",
                  "cluster.ClusterProperties",
                  "message")),
          entry(
              "transport.sockjs",
              Set.of("transport.http", "transport.websocket", "session", "problem", "web")),
          entry(
              "protocol.stomp",
              Set.of(
                  "client",
                  "concurrent",
                  "transport.http",
                  "transport.sockjs",
                  "transport.websocket",
                  "server",
                  "web",
                  "session",
                  "problem",
                  "message")),
          entry(
              "protocol.v1",
              Set.of(
                  "client",
                  "transport.http",
                  "transport.sockjs",
                  "transport.websocket",
                  "server",
                  "web",
                  "hub",
                  "session",
                  "problem",
                  "publish.RawJson",
                  "message")),
          entry(
              "protocol.http",
              Set.of(
                  "protocol.v1",
                  "client",
                  "transport.http",
                  "server",
                  "web",
                  "hub",
                  "session",
                  "problem",
                  "message")),
          entry("publish", Set.of("message", "problem", "broker.LogProperties")),
          entry(
              "api",
              Set.of(
                  "cluster",
                  "hub",
                  "publish",
                  "message",
                  "security",
                  "problem",
                  "web",
                  "idempotency",
                  "broker.Broker",
                  "broker.BrokerUnavailableException")),
          entry(
              "login",
              Set.of(
                  "client",
                  "concurrent",
                  "hub",
                  "session",
                  "message",
                  "security",
                  "settings",
                  "problem",
                  "web.ClientAddress")),
          entry(
              "login.store",
              Set.of(
                  "login",
                  "message",
                  "broker.AtomicPublish",
                  "broker.AtomicPublish$Change",
                  "redis")),
          entry(
              "login.web",
              Set.of("login", "client", "hub.Drain", "security", "problem", "web", "idempotency")),
          entry(
              "login.wechat",
              Set.of(
                  "login",
                  "callback.CallbackMetrics",
                  "callback.CallbackMetrics$Result",
                  "message",
                  "security",
                  "problem",
                  "redis",
                  "settings",
                  "web",
                  "idempotency")),
          entry(
              "callback",
              Set.of(
                  "login",
                  "publish",
                  "hub",
                  "message",
                  "security",
                  "problem",
                  "settings",
                  "web",
                  "idempotency")),
          entry("webhook", Set.of("security.WebhookSecret", "settings")),
          entry(
              "upstream",
              Set.of(
                  "client",
                  "concurrent",
                  "message",
                  "problem",
                  "publish",
                  "security.WebhookSecret",
                  "session",
                  "settings",
                  "web.CircuitBreaker",
                  "webhook")),
          entry("probe", Set.of()),
          entry("console", Set.of("hub")));

  private static final Pattern TYPE = Pattern.compile("`([a-z0-9.]+\\.[A-Z]\\w+)`");

  private static final Path ARCHITECTURE = Path.of("docs/architecture.md");

  private static final PackageGraph HELIOGRAPH = new PackageGraph("io.heliograph", MAY_USE);

  /** A small service that breaks each rule once; it lives in the test sources. */
  private static final PackageGraph SAMPLE =
      new PackageGraph("io.heliograph.architecture.sample", MAY_USE);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.heliograph");

  private static final JavaClasses SAMPLE_CLASSES =
      new ClassFileImporter().importPackages("io.heliograph.architecture.sample");

  @Test
  void eachPackageUsesOnlyWhatTheTableAllows() {
    HELIOGRAPH.eachPackageUsesOnlyWhatItMay().check(CLASSES);
  }

  @Test
  void packagesDoNotGoRoundInCircles() {
    HELIOGRAPH.packagesAreAcyclic().check(CLASSES);
  }

  @Test
  void theRootPackageHoldsTheMainClassOnly() {
    HELIOGRAPH.rootHoldsOnlyTheMainClass().check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatLivesThereAndIsNullMarked() {
    HELIOGRAPH.packagesAreNullMarked().check(CLASSES);
  }

  @Test
  void namesSayTheRole() {
    HELIOGRAPH.namesSayTheRole().check(CLASSES);
  }

  @Test
  void theArchitecturePageListsThePackages() {
    Set<String> listed =
        Pattern.compile("(?m)^\\| (`[a-z0-9.`, ]+`) \\|")
            .matcher(Documentation.text(ARCHITECTURE))
            .results()
            .flatMap(row -> Stream.of(row.group(1).replace("`", "").split(", ")))
            .collect(Collectors.toSet());
    Set<String> present =
        CLASSES.stream()
            .map(type -> type.getPackageName().replaceFirst("^io\\.heliograph\\.?", ""))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
    assertThat(listed).isEqualTo(present);
  }

  /** A message or request that is handed over more often is hard to follow. */
  @ParameterizedTest
  @ValueSource(strings = {"Publish to a user on another node", "Connect and resume", "QR login"})
  void eachWalkTakesAtMostEightTypes(String walk) {
    String page = Documentation.text(ARCHITECTURE);
    int begin = page.indexOf("### " + walk);
    int end = page.indexOf("\n##", begin + 1);
    assertThat(
            TYPE.matcher(page.substring(begin, end)).results().map(MatchResult::group).distinct())
        .hasSizeBetween(3, 8);
  }

  @Test
  void theArchitecturePageNamesTypesThatExist() {
    Set<String> types = CLASSES.stream().map(JavaClass::getName).collect(Collectors.toSet());
    assertThat(
            TYPE.matcher(Documentation.text(ARCHITECTURE))
                .results()
                .map(name -> "io.heliograph." + name.group(1)))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(types).contains(name));
  }

  @Test
  void anArrowThatIsNotInTheTableIsCaught() {
    assertThat(complaintsAbout(SAMPLE.eachPackageUsesOnlyWhatItMay()))
        .contains("message may not use hub")
        .contains("api may not use broker.ClusterBus")
        .doesNotContain("api may not use broker.BrokerUnavailableException")
        .doesNotContain("hub may not use message");
  }

  @Test
  void aPackageThatIsNotInTheTableIsCaught() {
    assertThat(complaintsAbout(SAMPLE.eachPackageUsesOnlyWhatItMay()))
        .contains("unheardof has no line in the table");
  }

  @Test
  void aCircleIsCaught() {
    assertThat(complaintsAbout(SAMPLE.packagesAreAcyclic())).contains("Cycle detected");
  }

  @Test
  void aClassInTheRootPackageIsCaught() {
    assertThat(complaintsAbout(SAMPLE.rootHoldsOnlyTheMainClass()))
        .contains("Stranger is no main class");
  }

  @Test
  void aPackageWithoutNullMarkedIsCaught() {
    assertThat(complaintsAbout(SAMPLE.packagesAreNullMarked()))
        .contains("sample.api has no @NullMarked package-info")
        .doesNotContain("sample.hub has no");
  }

  @Test
  void aNameThatSaysNothingIsCaught() {
    assertThat(complaintsAbout(SAMPLE.namesSayTheRole())).contains("PushManager");
  }

  private static String complaintsAbout(ArchRule rule) {
    return rule.evaluate(SAMPLE_CLASSES).getFailureReport().toString();
  }
}

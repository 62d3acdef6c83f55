package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No rule of QR login and no case of {@code cases.md} goes without a test that names it. */
class RulesAndCasesTests {

  private static final Path CASES = Path.of("src/test/resources/io/heliograph/login/cases.md");

  /** In a comment, and not the case of a switch. */
  private static final Pattern IN_COMMENT =
      Pattern.compile("\\b[Cc]ases? (\\d++(?:(?:, | and )\\d++)*+)(?! ->)");

  private static final Pattern IN_NAME = Pattern.compile("void case(\\d+(?:And\\d+)*)");
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  @Test
  void eachOfTheRulesIsNamedByATest() throws IOException {
    List<String> texts = tests();
    assertThat(
            IntStream.rangeClosed(1, 24)
                .filter(rule -> texts.stream().noneMatch(named(rule).asPredicate())))
        .as("rules that no test names")
        .isEmpty();
  }

  private static Pattern named(int rule) {
    return Pattern.compile("(?<![A-Z])R" + rule + "(?![0-9])");
  }

  @Test
  void eachOfTheCasesIsNamedByATest() throws IOException {
    Set<Integer> listed =
        Pattern.compile("^(\\d+)\\. ", Pattern.MULTILINE)
            .matcher(Files.readString(CASES))
            .results()
            .map(line -> Integer.valueOf(line.group(1)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(listed).hasSizeGreaterThan(90);
    Set<Integer> named =
        tests().stream().flatMap(text -> casesNamedIn(text).stream()).collect(Collectors.toSet());
    assertThat(listed).as("cases that no test names").isSubsetOf(named);
  }

  @Test
  void aNumberCountsWhereItNamesACaseOnly() {
    assertThat(casesNamedIn("/** Cases 1, 2 and 3, R7. */ void case14And15R2It() {"))
        .containsExactlyInAnyOrder(1, 2, 3, 14, 15);
    assertThat(casesNamedIn("case 12 -> one(); case 3, 4 -> two(); in 5 cases; R6")).isEmpty();
  }

  private static Set<Integer> casesNamedIn(String test) {
    return Stream.of(IN_COMMENT, IN_NAME)
        .flatMap(form -> form.matcher(test).results())
        .flatMap(found -> NUMBER.matcher(found.group(1)).results())
        .map(MatchResult::group)
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  private static List<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.toString().matches(".*(Tests|Contract)\\.java"))
          .filter(file -> !file.endsWith("RulesAndCasesTests.java"))
          .map(RulesAndCasesTests::read)
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

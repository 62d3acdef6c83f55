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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The risk: a rule or a case of {@code requirements.md} has no test that refers to it. */
class LoginRequirementsTests {

  private static final Path REQUIREMENTS =
      Path.of("src/test/resources/io/heliograph/login/requirements.md");

  /** Matches "Case 12" and "cases 1, 2 and 3" in comments, but not the case of a switch. */
  private static final Pattern CASES =
      Pattern.compile("\\b[Cc]ases? (\\d++(?:(?:, | and )\\d++)*+)(?! ->)");

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  @Test
  void eachRuleIsReferredToByATest() throws IOException {
    List<String> texts = tests();
    Set<Integer> rules = listed("^\\| R(\\d+) \\|");
    assertThat(rules).hasSize(24);
    assertThat(rules)
        .filteredOn(rule -> texts.stream().noneMatch(reference(rule).asPredicate()))
        .as("rules that no test refers to")
        .isEmpty();
  }

  private static Pattern reference(int rule) {
    return Pattern.compile("(?<![A-Z])R" + rule + "(?![0-9])");
  }

  @Test
  void eachCaseIsReferredToByATest() throws IOException {
    Set<Integer> cases = listed("^(\\d+)\\. ");
    assertThat(cases).hasSizeGreaterThan(90);
    Set<Integer> referredTo =
        tests().stream().flatMap(text -> casesIn(text).stream()).collect(Collectors.toSet());
    assertThat(cases).as("cases that no test refers to").isSubsetOf(referredTo);
  }

  @Test
  void onlyReferencesToCasesAreCounted() {
    assertThat(casesIn("/** Cases 1, 2 and 3, R7. Case 14. */"))
        .containsExactlyInAnyOrder(1, 2, 3, 14);
    assertThat(casesIn("case 12 -> one(); case 3, 4 -> two(); in 5 cases; R6")).isEmpty();
  }

  private static Set<Integer> casesIn(String test) {
    return CASES
        .matcher(test)
        .results()
        .flatMap(found -> NUMBER.matcher(found.group(1)).results())
        .map(MatchResult::group)
        .map(Integer::valueOf)
        .collect(Collectors.toSet());
  }

  private static Set<Integer> listed(String line) throws IOException {
    return Pattern.compile(line, Pattern.MULTILINE)
        .matcher(Files.readString(REQUIREMENTS))
        .results()
        .map(found -> Integer.valueOf(found.group(1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.toString().matches(".*(Tests|Contract)\\.java"))
          .filter(file -> !file.endsWith("LoginRequirementsTests.java"))
          .map(LoginRequirementsTests::read)
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

package io.heliograph.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PromQL expression asks for: a metric with the values that its labels are to have. Not a
 * parser of PromQL: it knows how a selector and a {@code by (…)} look, and promtool knows the rest.
 */
record Selector(String metric, List<Match> matches) {

  /**
   * @param values one, or the alternatives of a regular expression
   */
  record Match(String label, List<String> values) {}

  private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\{([^}]*)}");
  private static final Pattern MATCH =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)(=~|!=|=)\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without) \\(([a-z_, ]*)\\)");

  /** What Prometheus or its operator adds to each target. */
  static final List<String> TARGET_LABELS = List.of("namespace", "job", "pod", "instance");

  static List<Selector> in(String expression) {
    List<Selector> selectors = new ArrayList<>();
    Matcher matcher = SELECTOR.matcher(expression);
    while (matcher.find()) {
      List<Match> matches =
          MATCH
              .matcher(matcher.group(2))
              .results()
              .filter(match -> !TARGET_LABELS.contains(match.group(1)))
              .map(Selector::match)
              .toList();
      selectors.add(new Selector(matcher.group(1), matches));
    }
    return selectors;
  }

  private static Match match(MatchResult match) {
    return new Match(match.group(1), List.of(match.group(3).split("\\|", -1)));
  }

  /** The labels that an expression groups by, without those of the target. */
  static List<String> groupedBy(String expression) {
    return GROUPING
        .matcher(expression)
        .results()
        .flatMap(grouping -> List.of(grouping.group(1).split(", *")).stream())
        .filter(label -> !TARGET_LABELS.contains(label))
        .distinct()
        .toList();
  }
}

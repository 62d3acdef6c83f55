package io.heliograph.operate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a node says when its metrics are asked for: each name with each of its sets of labels. */
record Scrape(Map<String, List<Map<String, String>>> seriesByName) {

  private static final Pattern LINE =
      Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*?)})? [^ ]+(?: #.*)?$");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  static Scrape of(String text) {
    Map<String, List<Map<String, String>>> series = new TreeMap<>();
    var lines = LINE.matcher(text);
    while (lines.find()) {
      String labels = lines.group(2) == null ? "" : lines.group(2);
      series
          .computeIfAbsent(lines.group(1), _ -> new ArrayList<>())
          .add(
              LABEL
                  .matcher(labels)
                  .results()
                  .collect(Collectors.toMap(label -> label.group(1), label -> label.group(2))));
    }
    return new Scrape(series);
  }

  /** What the expression names and this scrape does not have. */
  List<String> missing(String expression) {
    List<String> missing = new ArrayList<>();
    Set<String> labels = new HashSet<>();
    for (Selector selector : Selector.in(expression)) {
      // Prometheus writes this one itself, and these are made by rules.
      if (selector.metric().equals("up") || selector.metric().contains(":")) {
        continue;
      }
      List<Map<String, String>> series = seriesByName.get(selector.metric());
      if (series == null) {
        missing.add(selector.metric());
        continue;
      }
      series.forEach(one -> labels.addAll(one.keySet()));
      for (Selector.Match match : selector.matches()) {
        for (String value : match.values()) {
          if (series.stream().noneMatch(one -> value.equals(one.get(match.label())))) {
            missing.add(selector.metric() + "{" + match.label() + "=\"" + value + "\"}");
          }
        }
      }
    }
    Selector.groupedBy(expression).stream()
        .filter(label -> !labels.contains(label))
        .forEach(label -> missing.add("label " + label));
    return missing;
  }
}

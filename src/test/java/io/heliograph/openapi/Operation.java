package io.heliograph.openapi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One call as a caller sees it, in plain words, so that what the document says and what the
 * controllers do can be compared word by word.
 *
 * @param parameters such as {@code query limit optional =100}
 * @param takes one entry a field of the body, such as {@code application/json data: any}
 * @param answers one entry a field of a good answer; {@code ?} marks what may be absent
 * @param statuses the documented ones, {@code default} too
 */
record Operation(
    Set<String> parameters,
    String scope,
    Set<String> takes,
    Set<String> answers,
    Set<String> statuses) {

  Operation() {
    this(new TreeSet<>(), "none", new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
  }

  /** Two methods of a controller may share a path, apart by what they take. */
  Operation and(Operation other) {
    Operation both =
        new Operation(new TreeSet<>(), scope, new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    for (Operation one : List.of(this, other)) {
      both.parameters.addAll(one.parameters);
      both.takes.addAll(one.takes);
      both.answers.addAll(one.answers);
      both.statuses.addAll(one.statuses);
    }
    return both;
  }

  /** Each difference as a sentence; empty: the two say the same. */
  static List<String> differences(Map<String, Operation> code, Map<String, Operation> document) {
    List<String> differences = new ArrayList<>();
    Set<String> calls = new TreeSet<>(code.keySet());
    calls.addAll(document.keySet());
    for (String call : calls) {
      Operation does = code.get(call);
      Operation says = document.get(call);
      if (does == null || says == null) {
        differences.add(call + " is only in the " + (does == null ? "document" : "code"));
        continue;
      }
      Map<String, Set<String>> said = says.facets();
      does.facets()
          .forEach(
              (facet, values) -> {
                only(values, said.get(facet), call, facet, "code", differences);
                only(said.get(facet), values, call, facet, "document", differences);
              });
    }
    return differences;
  }

  private Map<String, Set<String>> facets() {
    return new TreeMap<>(
        Map.of(
            "parameter", parameters,
            "scope", Set.of(scope),
            "body", takes,
            "answer", answers,
            "status", statuses));
  }

  private static void only(
      Set<String> here,
      Set<String> there,
      String call,
      String facet,
      String where,
      List<String> to) {
    for (String value : here) {
      if (!there.contains(value)) {
        to.add(call + ": " + facet + " '" + value + "' is only in the " + where);
      }
    }
  }
}

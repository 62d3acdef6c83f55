package io.heliograph.bench;

import java.util.Collection;
import java.util.List;

/** What was asked for on the command line: {@code --name} or {@code --name=value}. */
record Options(List<String> arguments) {

  boolean has(String name) {
    return arguments.contains("--" + name);
  }

  private String value(String name) {
    String prefix = "--" + name + "=";
    return arguments.stream()
        .filter(argument -> argument.startsWith(prefix))
        .map(argument -> argument.substring(prefix.length()))
        .findFirst()
        .orElse("");
  }

  int number(String name, int otherwise) {
    String value = value(name);
    return value.isEmpty() ? otherwise : Integer.parseInt(value);
  }

  List<String> list(String name, Collection<String> otherwise) {
    String value = value(name);
    return value.isEmpty() ? List.copyOf(otherwise) : List.of(value.split(",", -1));
  }
}

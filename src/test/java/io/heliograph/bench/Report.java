package io.heliograph.bench;

import io.heliograph.bench.server.Kind;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one table: a line a figure, a column a server. A figure that was measured several times shows
 * its median. Behind it the same as ratios, which a machine's speed does not change as much.
 */
public final class Report {

  /** Which way is good. */
  public enum Better {
    HIGHER,
    LOWER,
    /** Neither: it explains another figure. */
    NEITHER
  }

  private record Row(String name, Better better, Map<Kind, List<Double>> values) {}

  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  public void add(Kind kind, String name, Better better, double value) {
    rows.computeIfAbsent(name, _ -> new Row(name, better, new EnumMap<>(Kind.class)))
        .values()
        .computeIfAbsent(kind, _ -> new ArrayList<>())
        .add(value);
    System.out.printf(Locale.ROOT, "  %-14s %-58s %s%n", kind.title(), name, shown(value));
  }

  /** Something that a reader of the figures has to know. */
  public void note(String note) {
    notes.add(note);
    System.out.println("  note: " + note);
  }

  public void print(PrintStream out, List<Kind> kinds) {
    out.println();
    head(out, "", kinds);
    for (Row row : rows.values()) {
      line(out, row.name(), kinds, kind -> median(row, kind), Report::shown);
    }
    if (kinds.size() > 1 && kinds.contains(Kind.HELIOGRAPH)) {
      List<Kind> peers = kinds.stream().filter(kind -> kind != Kind.HELIOGRAPH).toList();
      out.println();
      head(out, "Heliograph, times as good as", peers);
      for (Row row : rows.values()) {
        if (row.better() != Better.NEITHER) {
          line(out, row.name(), peers, kind -> ratio(row, kind), Report::times);
        }
      }
    }
    out.println();
    notes.forEach(note -> out.println("- " + note));
  }

  private interface Cell {
    @Nullable Double of(Kind kind);
  }

  private interface Text {
    String of(double value);
  }

  private static void head(PrintStream out, String first, List<Kind> kinds) {
    out.print("| " + first + " |");
    kinds.forEach(kind -> out.print(" " + kind.title() + " |"));
    out.println();
    out.println("|---" + "|---:".repeat(kinds.size()) + "|");
  }

  private static void line(PrintStream out, String name, List<Kind> kinds, Cell cell, Text text) {
    out.print("| " + name + " |");
    for (Kind kind : kinds) {
      Double value = cell.of(kind);
      out.print(" " + (value == null ? "–" : text.of(value)) + " |");
    }
    out.println();
  }

  private static @Nullable Double median(Row row, Kind kind) {
    List<Double> values = row.values().get(kind);
    return values == null ? null : values.stream().sorted().toList().get(values.size() / 2);
  }

  private static @Nullable Double ratio(Row row, Kind peer) {
    Double own = median(row, Kind.HELIOGRAPH);
    Double other = median(row, peer);
    if (own == null || other == null || own <= 0 || other <= 0) {
      return null;
    }
    return row.better() == Better.HIGHER ? own / other : other / own;
  }

  private static String times(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String shown(double value) {
    double size = Math.abs(value);
    String format =
        size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}

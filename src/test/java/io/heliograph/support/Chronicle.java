package io.heliograph.support;

import io.heliograph.message.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What happened in an experiment, as seen from outside: what was pushed and answered, and what each
 * client received, line by line. In the end it says which promises were broken:
 *
 * <ul>
 *   <li>I1 what was accepted reached everyone it was for, or its loss was reported to them, or
 *       whoever is away finds it in the log
 *   <li>I2 nothing took effect twice at a client, which drops what is not after its position
 *   <li>I3 no client received what is for another
 *   <li>I4 positions rise without a hole that was not reported
 *   <li>I5 what was refused had no effect, and a repeated request got the first one's answer
 * </ul>
 *
 * Each pushed message has a text of its own, its mark, which is also its idempotency key.
 */
public final class Chronicle {

  /** No answer came: it may have happened or not. */
  public static final int NO_ANSWER = -1;

  private sealed interface Entry {}

  private record Answer(String mark, String channel, int status, String id, String position)
      implements Entry {}

  private record Following(String client, String channel, Position from) implements Entry {}

  private record Received(String client, String channel, Position position, String mark)
      implements Entry {}

  private record Loss(String client, String channel, Position through) implements Entry {}

  private record Kept(String channel, Position position, String mark) implements Entry {}

  private record Place(String client, String channel) {}

  private final List<Entry> lines = new ArrayList<>();

  private synchronized void add(Entry line) {
    lines.add(line);
  }

  /** A push was answered, the first time or again. */
  public void answered(String mark, String channel, int status, String id, String position) {
    add(new Answer(mark, channel, status, id, position));
  }

  /** The client follows the channel, and has to get what comes after this position. */
  public void follows(String client, String channel, String from) {
    add(new Following(client, channel, Position.parse(from)));
  }

  /** A message came, on whichever line, perhaps once more. */
  public void received(String client, String channel, String position, String mark) {
    add(new Received(client, channel, Position.parse(position), mark));
  }

  /** The client learned that everything it did not get up to here is gone. */
  public void gap(String client, String channel, String through) {
    add(new Loss(client, channel, Position.parse(through)));
  }

  /** In the end this is in the channel's log. */
  public void kept(String channel, String position, String mark) {
    add(new Kept(channel, Position.parse(position), mark));
  }

  public synchronized long accepted() {
    return answers().stream().filter(Chronicle::isAccepted).map(Answer::mark).distinct().count();
  }

  /** Publishes of which it is unknown whether they happened. */
  public synchronized long unknown() {
    Set<String> known = new HashSet<>();
    answers().stream()
        .filter(a -> a.status() < 500 && a.status() > 0)
        .forEach(a -> known.add(a.mark()));
    return answers().stream().map(Answer::mark).filter(m -> !known.contains(m)).distinct().count();
  }

  public synchronized long losses() {
    return lines.stream().filter(Loss.class::isInstance).count();
  }

  /** The marks that the client has received and not dropped, in order. */
  public synchronized List<String> taken(String client) {
    return replay(new ArrayList<>()).entrySet().stream()
        .filter(entry -> entry.getKey().client().equals(client))
        .flatMap(entry -> entry.getValue().taken.stream())
        .toList();
  }

  /** True when nothing that was accepted is still missing at one of the clients. */
  public synchronized boolean isSettled(Collection<String> present) {
    return missing(replay(new ArrayList<>()), present).isEmpty();
  }

  /**
   * Fails with a line for each broken promise.
   *
   * @param present who is connected in the end, and has to have got everything; for all others it
   *     is enough that it is in the log
   */
  public synchronized void check(Collection<String> present) {
    List<String> broken = broken(present);
    if (!broken.isEmpty()) {
      int shown = Math.min(20, broken.size());
      throw new AssertionError(
          broken.size()
              + " promises broken:\n"
              + String.join("\n", broken.subList(0, shown))
              + (shown < broken.size() ? "\n…" : ""));
    }
  }

  synchronized List<String> broken(Collection<String> present) {
    List<String> broken = new ArrayList<>();
    Map<Place, Cursor> cursors = replay(broken);
    broken.addAll(missing(cursors, present));
    broken.addAll(answersThatDiffer());
    broken.addAll(effectsOfWhatWasRefused());
    broken.addAll(appendedTwice());
    return broken;
  }

  // The client's side: I2, I3, I4 -----------------------------------------------------------------

  /** What a client knows about one channel. */
  private static final class Cursor {
    private final Position from;
    private Position at;
    private final Set<String> taken = new java.util.LinkedHashSet<>();

    /** By epoch, the furthest offset of which a loss was reported; the maximum: the whole epoch. */
    private final Map<String, Long> lostThrough = new HashMap<>();

    Cursor(Position from) {
      this.from = from;
      this.at = from;
    }

    boolean wasTold(Position position) {
      return lostThrough.getOrDefault(position.epoch(), -1L) >= position.offset();
    }

    void gap(Position through) {
      if (!through.epoch().equals(at.epoch())) {
        lostThrough.put(at.epoch(), Long.MAX_VALUE);
      }
      lostThrough.merge(through.epoch(), through.offset(), Math::max);
      at = through;
    }

    /** Already behind it when it began. */
    boolean cameLater(Position position) {
      return position.epoch().equals(from.epoch()) && position.offset() <= from.offset();
    }
  }

  private Map<Place, Cursor> replay(List<String> broken) {
    Map<String, String> channels = new HashMap<>();
    answers().forEach(answer -> channels.put(answer.mark(), answer.channel()));
    Map<Place, Cursor> cursors = new LinkedHashMap<>();
    for (Entry line : lines) {
      switch (line) {
        case Following(String client, String channel, Position from) ->
            cursors.putIfAbsent(new Place(client, channel), new Cursor(from));
        case Loss(String client, String channel, Position through) ->
            cursors
                .computeIfAbsent(new Place(client, channel), _ -> new Cursor(through))
                .gap(through);
        case Received received -> {
          Cursor cursor = cursors.get(new Place(received.client(), received.channel()));
          String channel = channels.getOrDefault(received.mark(), received.channel());
          if (cursor == null || !channel.equals(received.channel())) {
            broken.add("I3 not for this client: " + received + ", pushed to " + channel);
          } else {
            receive(received, cursor, broken);
          }
        }
        case Answer _, Kept _ -> {}
      }
    }
    return cursors;
  }

  private static void receive(Received received, Cursor cursor, List<String> broken) {
    Position position = received.position();
    Position before = cursor.at;
    boolean sameEpoch = position.epoch().equals(before.epoch());
    if (sameEpoch && position.offset() <= before.offset()) {
      return;
    }
    cursor.at = position;
    boolean firstOfAll = before.isWithoutLog() && position.offset() == 1;
    if (!sameEpoch && !firstOfAll) {
      broken.add("I4 another log without a word: " + received + " after " + before);
    } else if (position.offset() != before.offset() + 1) {
      broken.add("I4 a hole without a word: " + received + " after " + before);
    }
    if (!cursor.taken.add(received.mark())) {
      broken.add("I2 took effect twice: " + received);
    }
  }

  // The publisher's side: I1, I5 ------------------------------------------------------------------

  private List<String> missing(Map<Place, Cursor> cursors, Collection<String> present) {
    Set<String> kept = new HashSet<>();
    for (Entry line : lines) {
      if (line instanceof Kept(_, _, String mark)) {
        kept.add(mark);
      }
    }
    Map<String, Map<String, Position>> acceptedByChannel = new HashMap<>();
    for (Answer answer : answers()) {
      if (isAccepted(answer)) {
        acceptedByChannel
            .computeIfAbsent(answer.channel(), _ -> new TreeMap<>())
            .put(answer.mark(), Position.parse(answer.position()));
      }
    }
    List<String> missing = new ArrayList<>();
    cursors.forEach(
        (place, cursor) ->
            acceptedByChannel
                .getOrDefault(place.channel(), Map.of())
                .forEach(
                    (mark, position) -> {
                      if (!cursor.cameLater(position)
                          && !cursor.taken.contains(mark)
                          && !cursor.wasTold(position)
                          && (present.contains(place.client()) || !kept.contains(mark))) {
                        missing.add(
                            "I1 accepted and vanished: "
                                + (mark + " at " + position + " for " + place.client())
                                + (", which stands at " + cursor.at)
                                + (kept.contains(mark) ? "; it is in the log" : "")
                                + linesOf(mark, position));
                      }
                    }));
    return missing;
  }

  /** More about a message that vanished. */
  private String linesOf(String mark, Position position) {
    StringBuilder all = new StringBuilder();
    for (Entry line : lines) {
      boolean matches =
          switch (line) {
            case Answer answer ->
                answer.mark().equals(mark) || answer.position().equals(position.text());
            case Received received -> received.position().equals(position);
            case Kept kept -> kept.position().equals(position);
            case Following _, Loss _ -> false;
          };
      if (matches) {
        all.append("\n    ").append(line);
      }
    }
    return all.toString();
  }

  private List<String> answersThatDiffer() {
    List<String> broken = new ArrayList<>();
    Map<String, Answer> first = new HashMap<>();
    for (Answer answer : answers()) {
      if (isAccepted(answer)) {
        Answer earlier = first.putIfAbsent(answer.mark(), answer);
        if (earlier != null && !earlier.equals(answer)) {
          broken.add("I5 one request, two answers: " + earlier + " and " + answer);
        }
      }
    }
    return broken;
  }

  private List<String> effectsOfWhatWasRefused() {
    Set<String> refused = new HashSet<>();
    for (Answer answer : answers()) {
      if (answer.status() >= 400 && answer.status() < 500) {
        refused.add(answer.mark());
      }
    }
    // In the end something else was said of them.
    answers().stream()
        .filter(a -> isAccepted(a) || a.status() == NO_ANSWER || a.status() >= 500)
        .forEach(a -> refused.remove(a.mark()));
    List<String> broken = new ArrayList<>();
    for (Entry line : lines) {
      if ((line instanceof Received(_, _, _, String mark) && refused.contains(mark))
          || (line instanceof Kept(_, _, String kept) && refused.contains(kept))) {
        broken.add("I5 refused and done all the same: " + line);
      }
    }
    return broken;
  }

  private List<String> appendedTwice() {
    List<String> broken = new ArrayList<>();
    Map<String, Entry> first = new HashMap<>();
    for (Entry line : lines) {
      if (line instanceof Kept(String channel, _, String mark)) {
        Entry earlier = first.putIfAbsent(channel + ' ' + mark, line);
        if (earlier != null && !earlier.equals(line)) {
          broken.add("I2 in the log twice: " + earlier + " and " + line);
        }
      }
    }
    return broken;
  }

  private List<Answer> answers() {
    return lines.stream().filter(Answer.class::isInstance).map(Answer.class::cast).toList();
  }

  private static boolean isAccepted(Answer answer) {
    return answer.status() / 100 == 2;
  }
}

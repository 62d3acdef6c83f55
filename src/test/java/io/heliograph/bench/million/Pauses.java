package io.heliograph.bench.million;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** How often and how long a collector stopped everything, whichever it is: JFR knows of all. */
final class Pauses implements AutoCloseable {

  private static final String PAUSE = "jdk.GCPhasePause";

  private final Recording recording = new Recording();

  /**
   * What was seen.
   *
   * @param total all pauses together
   */
  record Seen(int count, Duration longest, Duration total) {}

  Pauses() {
    recording.enable(PAUSE).withoutThreshold();
    recording.start();
  }

  Seen seen() throws IOException {
    recording.stop();
    Path file = Files.createTempFile("pauses", ".jfr");
    try {
      recording.dump(file);
      List<Duration> pauses =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals(PAUSE))
              .map(RecordedEvent::getDuration)
              .toList();
      return new Seen(
          pauses.size(),
          pauses.stream().max(Duration::compareTo).orElse(Duration.ZERO),
          pauses.stream().reduce(Duration.ZERO, Duration::plus));
    } finally {
      Files.delete(file);
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}

package io.heliograph.bench.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel holds for sockets: objects in its slab caches, and pages of queued data. It is
 * the whole machine's, so it means something on a quiet one only.
 *
 * @param slabBytes {@code Slab} of /proc/meminfo
 * @param queuedBytes {@code mem} of TCP in /proc/net/sockstat
 */
record KernelMemory(long slabBytes, long queuedBytes) {

  private static final Pattern SLAB = Pattern.compile("(?m)^Slab: +(\\d+) kB");
  private static final Pattern TCP_MEMORY = Pattern.compile("(?m)^TCP: .* mem (\\d+)");
  private static final int PAGE = 4096;

  static KernelMemory now() throws IOException {
    return new KernelMemory(
        number(SLAB, "/proc/meminfo") * 1024, number(TCP_MEMORY, "/proc/net/sockstat") * PAGE);
  }

  KernelMemory since(KernelMemory earlier) {
    return new KernelMemory(slabBytes - earlier.slabBytes, queuedBytes - earlier.queuedBytes);
  }

  long bytes() {
    return slabBytes + queuedBytes;
  }

  private static long number(Pattern pattern, String file) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
    if (!matcher.find()) {
      throw new IOException("nothing of the kind in " + file);
    }
    return Long.parseLong(matcher.group(1));
  }
}

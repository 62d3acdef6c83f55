package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The risk: one bad line of many spoils the rest, or results come only when it is too late. */
class BulkTests extends BlackBox {

  private final String user = fresh("bulk");
  private final String channel = "user:" + user;

  private String line(String data) {
    return "{\"channel\":\"" + channel + "\",\"data\":" + data + "}";
  }

  @Test
  void anArrayIsAnsweredInOrderAndOneBadEntrySpoilsNothing() {
    var tab = browser.connect(user);
    var answer =
        backend.post(
            "/v1/messages",
            "["
                + line("\"a\"")
                + ",{\"channel\":\"nonsense\",\"data\":1},7,null,"
                + line("\"\\ud800\"")
                + ","
                + line("\"b\"")
                + "]");
    assertThat(answer.status()).isEqualTo(200);
    var results = answer.json();
    assertThat(results.size()).isEqualTo(6);
    for (int i = 0; i < 6; i++) {
      assertThat(results.get(i).get("index").intValue()).isEqualTo(i);
      boolean good = i == 0 || i == 5;
      assertThat(results.get(i).has("position")).as("entry %d of %s", i, results).isEqualTo(good);
      assertThat(results.get(i).at("/problem/status").intValue(0)).isEqualTo(good ? 0 : 400);
    }
    tab.receives("a", "b").thenNothing();
  }

  @Test
  void numbersArriveAsTheyWereWritten() {
    String number = "12345678901234567890.12345678901234567890";
    backend.post("/v1/messages", "[" + line(number) + "]");
    backend.postNdjson(line(number));
    backend.post("/v1/channels/" + channel + "/messages", "{\"data\":" + number + "}");
    assertThat(backend.get("/v1/channels/" + channel + "/messages").body().split(number, -1))
        .hasSize(4);
  }

  @Test
  void aStreamIsAnsweredInOrderAndOneBadLineSpoilsNoOther() {
    var tab = browser.connect(user);
    String tooLong = line('"' + "x".repeat(70_000) + '"');
    var answer =
        backend.postNdjson(
            String.join(
                "\n", line("\"a\""), "not json", "", tooLong, line("\"b\""), "{}", line("\"c\"")));
    String[] results = answer.body().split("\n");
    assertThat(results).hasSize(6);
    int[] statuses = {0, 400, 413, 0, 400, 0};
    for (int i = 0; i < statuses.length; i++) {
      var result = io.heliograph.support.TestBackend.JSON.readTree(results[i]);
      assertThat(result.get("index").intValue()).isEqualTo(i);
      assertThat(result.at("/problem/status").intValue(0)).as(results[i]).isEqualTo(statuses[i]);
    }
    tab.receives("a", "b", "c").thenNothing();
  }

  @Test
  void manyKeepTheirOrder() {
    var tab = browser.connect(user);
    var lines = new StringBuilder();
    String[] texts = new String[1000];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = "n" + i;
      lines.append(line('"' + texts[i] + '"')).append('\n');
    }
    assertThat(backend.postNdjson(lines.toString()).body().lines()).hasSize(1000);
    tab.receives(texts).thenNothing();
  }

  @Test
  void resultsComeWhileTheRequestIsStillOpenEvenBehindHalfALine() throws IOException {
    var tab = browser.connect(user);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5_000);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      write(
          socket,
          "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
              + backend.authorization()
              + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
      String half = line("\"second\"");
      chunk(socket, line("\"first\"") + "\n" + half.substring(0, 20));
      assertThat(untilResult(in)).contains("\"index\":0").contains("accepted");
      tab.receives("first").thenNothing();
      chunk(socket, half.substring(20) + "\n");
      assertThat(untilResult(in)).contains("\"index\":1").contains("accepted");
      tab.receives("second").thenNothing();
      write(socket, "0\r\n\r\n");
    }
  }

  private static String untilResult(BufferedReader in) throws IOException {
    String read = in.readLine();
    while (read != null && !read.startsWith("{")) {
      read = in.readLine();
    }
    return String.valueOf(read);
  }

  private static void chunk(Socket socket, String text) throws IOException {
    write(socket, Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}

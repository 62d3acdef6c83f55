package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.problem.ProblemType;
import io.heliograph.support.TestBackend.Answer;
import io.heliograph.support.TestTab;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The risk: an answer that does not say what to change. Each wrong request stands beside the exact
 * answer it gets.
 */
class MessagesTests extends BlackBox {

  private static final String KEYED = "Authorization: Bearer " + KEY;
  private static final String JSON = "Content-Type: application/json";
  private static final String PUBLISH = "POST /v1/channels/user:mia/messages";
  private static final String TOKENS = "POST /v1/tokens";
  private static final String VALUE =
      "a value is expected: an object, a list, a string in double quotes, a number, true, false or"
          + " null";

  private static Arguments wrong(
      String line, String headers, String body, ProblemType type, String detail) {
    return Arguments.of(line, headers, body, type, detail);
  }

  private static Arguments body(String line, String body, String detail) {
    return wrong(line, KEYED + "\n" + JSON, body, ProblemType.INVALID_REQUEST, detail);
  }

  private static Arguments query(String line, String detail) {
    boolean publish = line.startsWith("POST");
    return wrong(
        line,
        publish ? KEYED + "\n" + JSON : KEYED,
        publish ? "{\"data\":1}" : "",
        ProblemType.INVALID_REQUEST,
        detail);
  }

  static Stream<Arguments> wrongRequests() {
    return Stream.of(
        wrong(
            "GET /v1/sessions",
            "",
            "",
            ProblemType.UNAUTHENTICATED,
            "Missing API key: send the header Authorization: Bearer <key>."),
        wrong(
            "GET /v1/sessions",
            "Authorization: Basic YTpi",
            "",
            ProblemType.UNAUTHENTICATED,
            "Authorization is not a Bearer token: send Authorization: Bearer <key>."),
        wrong(
            "GET /v1/sessions",
            "Authorization: Bearer wrong",
            "",
            ProblemType.UNAUTHENTICATED,
            "Unknown API key. A key that was generated at start is valid until the process ends;"
                + " heliograph.security.api-key sets a permanent one."),
        wrong(
            PUBLISH,
            "Authorization: Bearer wrong\n" + JSON,
            "{\"data\":1}",
            ProblemType.UNAUTHENTICATED,
            "Unknown API key. A key that was generated at start is valid until the process ends;"
                + " heliograph.security.api-key sets a permanent one."),
        wrong(
            "GET /v1/sessions",
            KEYED + "\n" + KEYED,
            "",
            ProblemType.UNAUTHENTICATED,
            "More than one Authorization header: send one, Authorization: Bearer <key>."),
        wrong(
            TOKENS,
            "Authorization: Bearer " + SESSIONS_ONLY_KEY + "\n" + JSON,
            "{\"user\":\"mia\"}",
            ProblemType.FORBIDDEN,
            "The API key lacks the scope tokens; its scopes are set in"
                + " heliograph.security.api-keys."),
        body(
            PUBLISH,
            "{\"data\":1",
            "The body is not well-formed JSON at line 1, column 10: it ends too early; a quote, a"
                + " bracket or a value is missing"),
        body(
            PUBLISH,
            "{\"data\":1 \"event\":\"e\"}",
            "The body is not well-formed JSON at line 1, column 11: a comma or a closing bracket is"
                + " expected"),
        body(
            PUBLISH,
            "{\n  'data':1}",
            "The body is not well-formed JSON at line 2, column 3: a name in double quotes is"
                + " expected"),
        body(
            PUBLISH,
            "{\"data\":}",
            "The body is not well-formed JSON at line 1, column 9: " + VALUE),
        body(
            PUBLISH,
            "{\"data\" 1}",
            "The body is not well-formed JSON at line 1, column 9: a colon is expected after a"
                + " name"),
        body(
            PUBLISH,
            "{\"data\":\"a\nb\"}",
            "The body is not well-formed JSON at line 1, column 11: a control character in a string"
                + " has to be escaped, a line break as \\n"),
        body(PUBLISH, "{\"data\":1,\"data\":2}", "The body has a field twice at line 1, column 17"),
        body(PUBLISH, "[]", "The body has to be a JSON object"),
        body(PUBLISH, "{\"evnt\":\"e\",\"data\":1}", "/evnt: is not known; did you mean event?"),
        body(
            PUBLISH,
            "{\"data\":1,\"colour\":1}",
            "/colour: is not known; known are event, data, ttl, key"),
        body(
            PUBLISH, "{\"event\":\"e\"}", "/data: is missing; it may be any JSON value, also null"),
        body(PUBLISH, "{\"data\":1,\"event\":7}", "/event: has to be a string"),
        body(
            PUBLISH,
            "{\"data\":1,\"ttl\":\"soon\"}",
            "/ttl: has to be a number of seconds, or text such as 500ms, 10m, 2h or PT10M"),
        body(
            PUBLISH, "{\"data\":1,\"ttl\":0}", "/ttl: has to be longer than 0 and at most 30 days"),
        body(TOKENS, "", "The body is missing: a JSON object is expected"),
        body(TOKENS, "[]", "The body has to be an object"),
        body(TOKENS, "{\"usr\":\"mia\"}", "/usr: is not known; did you mean user?"),
        body(TOKENS, "{\"user\":7}", "/user: has to be a string"),
        body(TOKENS, "{\"user\":\"mia\",\"once\":\"yes\"}", "/once: has to be true or false"),
        body(TOKENS, "{}", "/user: is missing; a token needs a user or channels"),
        body(
            TOKENS,
            "{\"user\":tru}",
            "The body is not well-formed JSON at line 1, column 9: " + VALUE),
        body(
            "POST /v1/logins",
            "{\"chalenge\":\"x\"}",
            "/chalenge: is not known; did you mean challenge?"),
        body(
            "POST /v1/logins",
            "{\"clientHint\":{\"lable\":\"x\"}}",
            "/clientHint/lable: is not known; did you mean label?"),
        query(PUBLISH + "?wai=acked", "wai: is not known; did you mean wait?"),
        query(PUBLISH + "?wait=read", "wait: has to be accepted, delivered or acked"),
        query(PUBLISH + "?wait=%F0%9F", "wait: is not percent-encoded UTF-8"),
        query(
            "GET /v1/channels/user:mia/messages?since=%F0%9F",
            "since: is not percent-encoded UTF-8"),
        query(
            "GET /v1/channels/user:mia/messages?since=1",
            "since: is not a position; expected is epoch:offset, as in an earlier answer"),
        query(
            "GET /v1/channels/user:mia/messages?limti=1",
            "limti: is not known; did you mean limit?"),
        query("GET /v1/sessions?limit=ten", "limit: has to be a whole number"),
        query("GET /v1/sessions?limit=0", "limit: has to be between 1 and 1000"),
        query("GET /v1/sessions?limit=1&limit=2", "limit: is given twice"),
        query(
            "GET /v1/channels/mia",
            "channel: is not a channel; expected is user:<id>, session:<id>, login:<ticket>,"
                + " topic:<name> or everyone"),
        wrong(
            PUBLISH,
            KEYED,
            "{}",
            ProblemType.UNSUPPORTED_MEDIA_TYPE,
            "Content-Type is missing: send application/json, in UTF-8."),
        wrong(
            TOKENS,
            KEYED + "\nContent-Type: text/plain",
            "{}",
            ProblemType.UNSUPPORTED_MEDIA_TYPE,
            "Content-Type is not supported: send application/json, in UTF-8."),
        wrong(
            PUBLISH,
            KEYED + "\n" + JSON + "\nAccept: text/html",
            "{\"data\":1}",
            ProblemType.NOT_ACCEPTABLE,
            "The answer would be application/json, which the Accept header excludes."),
        wrong(
            "PUT /v1/tokens",
            KEYED + "\n" + JSON,
            "{}",
            ProblemType.METHOD_NOT_ALLOWED,
            "This resource does not have the method: use POST."),
        wrong(
            "POST /callbacks/shoop",
            JSON,
            "{}",
            ProblemType.NOT_FOUND,
            "There is no callback source with this name; heliograph.callbacks.sources configures"
                + " them."),
        wrong(
            "GET /ws",
            "",
            "",
            ProblemType.UPGRADE_REQUIRED,
            "The Upgrade header is missing or not websocket; this address takes only WebSocket"
                + " handshakes."));
  }

  @ParameterizedTest
  @MethodSource("wrongRequests")
  void aWrongRequestIsAnsweredWithWhatToChange(
      String line, String headers, String body, ProblemType type, String detail) {
    Answer answer = backend.raw(line, body, headers.isEmpty() ? new String[0] : lines(headers));
    assertThat(answer.text("detail")).isEqualTo(detail);
    assertThat(answer.text("title")).isEqualTo(type.title());
    assertThat(answer.text("type")).isEqualTo(type.uri().toString());
    assertThat(answer.status()).isEqualTo(type.status());
  }

  private static String[] lines(String text) {
    return text.split("\n");
  }

  @Test
  void aBulkLineIsAnsweredWithItsOwnMistake() {
    JsonNode results =
        backend
            .post(
                "/v1/messages",
                "[{\"channl\":\"user:mia\",\"data\":1},{\"channel\":\"user:mia\",\"data\":1},7]")
            .json();
    assertThat(results.at("/0/problem/detail").asString())
        .isEqualTo("/channl: is not known; did you mean channel?");
    assertThat(results.at("/1/outcome").asString()).isEqualTo("accepted");
    assertThat(results.at("/2/problem/detail").asString())
        .isEqualTo("The body has to be a JSON object");
  }

  static Stream<Arguments> wrongFrames() {
    return Stream.of(
        Arguments.of(
            "{\"type\":\"subscibe\",\"id\":1}",
            "type: has to be subscribe, unsubscribe, ack, auth, publish, call, upload or ping"),
        Arguments.of("{\"type\":\"subscribe\",\"id\":1}", "channel: is missing"),
        Arguments.of(
            "{\"type\":\"subscribe\",\"id\":1,\"chanel\":\"topic:a\"}",
            "unknown field 'chanel': subscribe has id, channel, since, token"),
        Arguments.of(
            "{\"type\":\"subscribe\",\"id\":1,\"channel\":7}", "channel: has to be a string"),
        Arguments.of(
            "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"topic:a\",\"since\":\"x\"}",
            "since: is not a position; expected is epoch:offset, as in an earlier answer"),
        Arguments.of(
            "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"topic:secret\"}",
            "topic:secret: a browser token with this channel is missing"),
        Arguments.of(
            "{\"type\":\"unsubscribe\",\"id\":1,\"channel\":\"topic:other\"}",
            "topic:other: there is no subscription"),
        Arguments.of(
            "{\"type\":\"auth\",\"id\":1,\"token\":\"x\"}",
            "The token was refused: it is not a JWT of at most 6144 characters"));
  }

  @ParameterizedTest
  @MethodSource("wrongFrames")
  void aWrongFrameIsAnsweredWithWhatToChange(String frame, String detail) {
    TestTab tab = browser.connectAnonymously();
    tab.send(frame);
    assertThat(tab.next("error").at("/problem/detail").asString()).isEqualTo(detail);
  }

  @Test
  void noTwoTypesShareATitle() {
    assertThat(
            Arrays.stream(ProblemType.values()).map(ProblemType::title).collect(Collectors.toSet()))
        .hasSameSizeAs(ProblemType.values());
  }
}

package io.heliograph.publish;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Utf8;
import io.heliograph.problem.JsonProblems;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.problem.UnknownNames;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * A message as a caller sends it, parsed and checked. Single and bulk publishes, callbacks and
 * clients all use it on the way to a {@link Draft}, so that they accept and refuse the same.
 *
 * @param channel null where the channel is in the path
 * @param ttl after this time it is not to be delivered any more; null: as long as the log keeps it
 * @param idempotencyKey only in bulk publishes and in publishes of clients
 */
public record PublishRequest(
    @Nullable String channel,
    String event,
    RawJson data,
    @Nullable Duration ttl,
    @Nullable String key,
    @Nullable String idempotencyKey) {

  /** The kinds of requests, which differ in their fields. */
  public enum Form {
    /** The channel is in the path, the idempotency key in a header. */
    SINGLE("event", "data", "ttl", "key"),
    /** A callback's id is its idempotency key. */
    CALLBACK("channel", "event", "data", "ttl", "key"),
    BULK("channel", "event", "data", "ttl", "key", "idempotencyKey");

    private final List<String> fields;

    Form(String... fields) {
      this.fields = List.of(fields);
    }

    public List<String> fields() {
      return fields;
    }
  }

  public static final Duration LONGEST_TTL = Duration.ofDays(30);

  static final String DEFAULT_EVENT = "message";

  /** Shorter for clients, whose keys are stored together with their user. */
  private static final int MAX_CLIENT_KEY = 64;

  /** The longest idempotency key of a bulk line. */
  private static final int MAX_IDEMPOTENCY_KEY = 255;

  /**
   * Reads a body.
   *
   * @throws ProblemException naming the field that is wrong
   */
  public static PublishRequest read(byte[] utf8, Form form) {
    return read(text(utf8, 0, utf8.length), form);
  }

  /**
   * A client's publish, already split into its parts by the codec.
   *
   * @param event null: {@value #DEFAULT_EVENT}
   * @param data JSON text
   * @throws ProblemException naming the field that is wrong
   */
  public static PublishRequest ofClient(
      @Nullable String event, String data, @Nullable String idempotencyKey) {
    if (idempotencyKey != null && !isIdempotencyKey(idempotencyKey, MAX_CLIENT_KEY)) {
      throw ProblemException.invalid(
          "/idempotencyKey", "has to be 1 to " + MAX_CLIENT_KEY + " visible ASCII characters");
    }
    RawJson content;
    try (JsonParser parser = RawJson.DATA.createParser(ObjectReadContext.empty(), data)) {
      parser.nextToken();
      content = content(parser, data, "/data");
      RawJson.requireEnd(parser);
    } catch (JacksonException e) {
      throw refusal(e, "/data");
    }
    return checked(null, event, content, null, null, idempotencyKey);
  }

  /** The same with other data. */
  public PublishRequest with(RawJson otherData) {
    return new PublishRequest(channel, event, otherData, ttl, key, idempotencyKey);
  }

  /** A body's text; a problem when it is not UTF-8. */
  public static String text(byte[] utf8, int from, int length) {
    try {
      return Utf8.decode(utf8, from, length);
    } catch (CharacterCodingException e) {
      throw ProblemException.invalid("", "is not UTF-8");
    }
  }

  /**
   * Parses JSON text.
   *
   * @throws ProblemException naming the field that is wrong
   */
  public static PublishRequest read(String json, Form form) {
    Fields fields = new Fields(json, form);
    try (JsonParser parser = RawJson.MESSAGES.createParser(ObjectReadContext.empty(), json)) {
      fields.read(parser);
    } catch (JacksonException e) {
      throw refusal(e, fields.at);
    }
    return fields.request();
  }

  /**
   * The problem for JSON that cannot be parsed.
   *
   * @param pointer where the parser stopped
   */
  public static ProblemException refusal(JacksonException e, String pointer) {
    return JsonProblems.of(
        e,
        pointer,
        "is nested more than %d levels deep, or has a number of more than %d or a name of more than %d characters"
            .formatted(RawJson.MAX_DEPTH, RawJson.MAX_NUMBER_LENGTH, RawJson.MAX_NAME_LENGTH));
  }

  /** Collects the fields while parsing. */
  private static final class Fields {
    private final String json;
    private final Form form;
    private String at = "";
    private @Nullable String channel;
    private @Nullable String event;
    private @Nullable RawJson data;
    private @Nullable Duration ttl;
    private @Nullable String key;
    private @Nullable String idempotencyKey;

    Fields(String json, Form form) {
      this.json = json;
      this.form = form;
    }

    void read(JsonParser parser) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        if (first != null) {
          parser.skipChildren();
          RawJson.requireEnd(parser);
        }
        throw ProblemException.invalid("", "has to be a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (!form.fields.contains(name)) {
          throw unknown(name);
        }
        at = '/' + name;
        JsonToken token = parser.nextToken();
        switch (name) {
          case "data" -> data = content(parser, json, at);
          case "ttl" -> ttl = token == JsonToken.VALUE_NULL ? null : ttl(parser, token);
          case "event" -> event = string(parser, token);
          case "key" -> key = string(parser, token);
          case "channel" -> channel = string(parser, token);
          default -> idempotencyKey = string(parser, token);
        }
        at = "";
      }
      RawJson.requireEnd(parser);
    }

    private ProblemException unknown(String name) {
      return switch (name) {
        case "channel" ->
            ProblemException.invalid(
                "/channel", "belongs into the path of this call, not into its body");
        case "idempotencyKey" ->
            ProblemException.invalid(
                "/idempotencyKey",
                form == Form.SINGLE
                    ? "is not known; send it as the header Idempotency-Key"
                    : "is not known; the callback's id is its idempotency key");
        default -> UnknownNames.refuseField("", name, form.fields);
      };
    }

    private @Nullable String string(JsonParser parser, @Nullable JsonToken token) {
      if (token == JsonToken.VALUE_NULL) {
        return null;
      }
      if (token != JsonToken.VALUE_STRING) {
        RawJson.source(parser, json);
        throw ProblemException.invalid(at, "has to be a string");
      }
      return parser.getString();
    }

    private Duration ttl(JsonParser parser, @Nullable JsonToken token) {
      boolean readable = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING;
      String text = readable ? parser.getString() : RawJson.source(parser, json);
      Duration life = readable ? Durations.parse(text) : null;
      if (life == null && !(token == JsonToken.VALUE_NUMBER_INT)) {
        throw ProblemException.invalid(at, "has to be " + Durations.SYNTAX);
      }
      // A number that cannot be parsed has a sign or too many digits.
      if (life == null || !life.isPositive() || life.compareTo(LONGEST_TTL) > 0) {
        throw ProblemException.invalid(
            at, "has to be longer than 0 and at most " + LONGEST_TTL.toDays() + " days");
      }
      return life;
    }

    PublishRequest request() {
      return checked(channel, event, data, ttl, key, idempotencyKey);
    }
  }

  /**
   * Reads the data that starts at the parser's current token.
   *
   * @param at its JSON pointer
   */
  private static RawJson content(JsonParser parser, String json, String at) {
    String source = RawJson.source(parser, json);
    if (RawJson.hasLoneSurrogate(source)) {
      throw ProblemException.invalid(at, "has a surrogate without its other half");
    }
    RawJson compact = RawJson.compact(source);
    if (Utf8.length(compact.text()) > Draft.MAX_DATA_BYTES) {
      throw new ProblemException(
          ProblemType.PAYLOAD_TOO_LARGE, at + ": has more than " + Draft.MAX_DATA_BYTES + " bytes");
    }
    return compact;
  }

  private static PublishRequest checked(
      @Nullable String channel,
      @Nullable String event,
      @Nullable RawJson data,
      @Nullable Duration ttl,
      @Nullable String key,
      @Nullable String idempotencyKey) {
    if (data == null) {
      throw ProblemException.invalid("/data", "is missing; it may be any JSON value, also null");
    }
    String name = event == null ? DEFAULT_EVENT : event;
    if (!Draft.EVENT.matcher(name).matches()) {
      throw ProblemException.invalid(
          "/event", "has to be 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    if (key != null && !Draft.KEY.matcher(key).matches()) {
      throw ProblemException.invalid(
          "/key", "has to be 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    if (idempotencyKey != null && !isIdempotencyKey(idempotencyKey, MAX_IDEMPOTENCY_KEY)) {
      throw ProblemException.invalid(
          "/idempotencyKey", "has to be 1 to 255 visible ASCII characters");
    }
    return new PublishRequest(channel, name, data, ttl, key, idempotencyKey);
  }

  private static boolean isIdempotencyKey(String key, int most) {
    return !key.isEmpty() && key.length() <= most && key.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /**
   * @param pointer the field or parameter that holds the text
   */
  public static Channel channel(String pointer, @Nullable String text) {
    if (text == null) {
      throw ProblemException.invalid(pointer, "is missing");
    }
    try {
      return Channel.parse(text);
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid(pointer, String.valueOf(e.getMessage()));
    }
  }

  /** A channel that backends may publish to, which is any except {@code login:} channels. */
  public static Channel recipient(String pointer, @Nullable String text) {
    Channel channel = channel(pointer, text);
    if (channel instanceof Channel.Login) {
      throw ProblemException.invalid(
          pointer,
          "is a login channel, and only its login publishes to it; expected is user:<id>,"
              + " session:<id>, topic:<name> or everyone");
    }
    return channel;
  }
}

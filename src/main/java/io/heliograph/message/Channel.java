package io.heliograph.message;

import java.util.regex.Pattern;

/**
 * The address of a message. Its {@linkplain #text() text form}, {@code kind:id} or {@code
 * everyone}, is used in the REST API, in client protocols, as the key in the session registry and
 * as part of the broker's keys.
 */
public sealed interface Channel {

  /** A closed set, safe as a metric's tag. */
  enum Kind {
    USER,
    SESSION,
    LOGIN,
    TOPIC,
    EVERYONE;

    /** The lower-case form that metrics and text forms use. */
    @SuppressWarnings("EnumOrdinal") // TAGS has the order of the constants; no ordinal is stored
    public String tag() {
      return TAGS[ordinal()];
    }

    private static final String[] TAGS = {"user", "session", "login", "topic", "everyone"};
  }

  /** All sessions of one user, on all nodes. */
  record User(String id) implements Channel {
    public User {
      requireId("user", id, ID);
    }

    @Override
    public Kind kind() {
      return Kind.USER;
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** One session; its id is random but not a secret. */
  record OneSession(String id) implements Channel {
    public OneSession {
      requireId("session", id, RANDOM_ID);
    }

    @Override
    public Kind kind() {
      return Kind.SESSION;
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** The sessions that subscribe to one login; the id is the ticket in the QR code. */
  record Login(String id) implements Channel {
    public Login {
      requireId("login", id, RANDOM_ID);
    }

    @Override
    public Kind kind() {
      return Kind.LOGIN;
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** The sessions whose token names the topic. */
  record Topic(String id) implements Channel {
    public Topic {
      requireId("topic", id, ID);
    }

    @Override
    public Kind kind() {
      return Kind.TOPIC;
    }

    @Override
    public String toString() {
      return text();
    }
  }

  /** All sessions on all nodes. */
  record Everyone() implements Channel {
    @Override
    public Kind kind() {
      return Kind.EVERYONE;
    }

    @Override
    public String id() {
      return "";
    }

    @Override
    public String toString() {
      return text();
    }
  }

  @SuppressWarnings("ClassInitializationDeadlock") // an interface is not initialised by its records
  Channel EVERYONE = new Everyone();

  /** The longest id of a user or topic, in characters. */
  int MAX_ID_LENGTH = 128;

  /**
   * Without braces, asterisks, slashes and blanks, so that an id cannot change the meaning of a
   * key, pattern, path or log line that contains it. The bar occurs in user ids of common identity
   * providers ({@code auth0|abc}).
   */
  Pattern ID = Pattern.compile("[A-Za-z0-9._~@+=:,|-]{1," + MAX_ID_LENGTH + "}");

  /** 128 random bits in base64url. */
  Pattern RANDOM_ID = Pattern.compile("[A-Za-z0-9_-]{22}");

  Kind kind();

  /** What follows the colon; empty for {@link #EVERYONE}. */
  String id();

  default String text() {
    return kind() == Kind.EVERYONE ? "everyone" : kind().tag() + ':' + id();
  }

  /**
   * Reads a text form.
   *
   * @throws IllegalArgumentException with a sentence that can be shown to the caller
   */
  static Channel parse(String text) {
    if (text.equals("everyone")) {
      return EVERYONE;
    }
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String id = colon < 0 ? "" : text.substring(colon + 1);
    return switch (kind) {
      case "user" -> new User(id);
      case "session" -> new OneSession(id);
      case "login" -> new Login(id);
      case "topic" -> new Topic(id);
      default ->
          throw new IllegalArgumentException(
              "is not a channel; expected is user:<id>, session:<id>, login:<ticket>, topic:<name>"
                  + " or everyone");
    };
  }

  private static void requireId(String kind, String id, Pattern pattern) {
    if (!pattern.matcher(id).matches()) {
      throw new IllegalArgumentException(
          pattern == ID
              ? "has an invalid id; the id of a "
                  + kind
                  + " channel has to be 1 to "
                  + MAX_ID_LENGTH
                  + " characters of A-Z a-z 0-9 . _ ~ @ + = : , | -"
              : "has an invalid id; the id of a "
                  + kind
                  + " channel has to be 22 characters of base64url");
    }
  }
}

package io.heliograph.message;

import java.util.regex.Pattern;

/**
 * The address of a message. Its {@linkplain #text() text form}, {@code kind:id} or {@code
 * everyone}, is its key everywhere: in the REST API, on the wire, in the registry and in the
 * broker.
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
    @SuppressWarnings("EnumOrdinal") // made once, in this order; nothing is stored by it
    public String tag() {
      return TAGS[ordinal()];
    }

    private static final String[] TAGS = {"user", "session", "login", "topic", "everyone"};
  }

  /** Every session of one user, on whichever node. */
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

  /** The browsers that wait for one login; the id is the ticket that the QR code shows. */
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

  /** Whoever holds a token that names it. */
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

  /** All sessions there are. */
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
   * No braces, asterisks, slashes or blanks: an id can break out of no key, pattern, path or log
   * line. The bar is in the users' names of widespread identity providers.
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
              "a channel is user:<id>, session:<id>, login:<ticket>, topic:<name> or everyone");
    };
  }

  private static void requireId(String kind, String id, Pattern pattern) {
    if (!pattern.matcher(id).matches()) {
      throw new IllegalArgumentException(
          pattern == ID
              ? "the id of a "
                  + kind
                  + " channel is 1 to "
                  + MAX_ID_LENGTH
                  + " characters of A-Z a-z 0-9 . _ ~ @ + = : , | -"
              : "the id of a " + kind + " channel is 22 characters of base64url");
    }
  }
}

package io.heliograph.protocol.stomp;

import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a client writes as {@code destination}: a channel's text, or what clients of a Spring
 * application write.
 */
sealed interface Destination {

  /** Followed, or published to. */
  record OfChannel(Channel channel) implements Destination {}

  /** Where the session gets refusals of what it sent. */
  record Errors() implements Destination {}

  /** Where the answers to calls of this method come. */
  record Replies(String method) implements Destination {}

  /** A method of the backend. */
  record Method(String name) implements Destination {}

  /** More than the longest name of a channel needs; a client's subscriptions are remembered. */
  int MAX_LENGTH = 256;

  String TOPIC = "/topic/";
  String USER_QUEUE = "/user/queue/";
  String ERRORS = "/user/queue/errors";
  String REPLY = "/user/queue/reply/";
  String APP = "/app/";

  /**
   * @param session the channel of the client's own session
   * @param user the channel of its user; null: it is anonymous
   * @throws IllegalArgumentException with a sentence that can be shown to the client
   */
  static Destination parse(String text, Channel session, @Nullable Channel user) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "destination: has to have at most " + MAX_LENGTH + " characters");
    }
    if (text.equals(ERRORS)) {
      return new Errors();
    }
    if (text.startsWith(REPLY)) {
      return new Replies(dotted(text.substring(REPLY.length())));
    }
    if (text.startsWith(APP)) {
      return new Method(dotted(text.substring(APP.length())));
    }
    if (text.startsWith(USER_QUEUE) || text.equals("/user")) {
      if (user == null) {
        throw new IllegalArgumentException("destination: an anonymous session has no user");
      }
      return new OfChannel(user);
    }
    if (text.equals("/queue/session")) {
      return new OfChannel(session);
    }
    if (text.startsWith(TOPIC)) {
      String name = dotted(text.substring(TOPIC.length()));
      return new OfChannel(name.equals("everyone") ? Channel.EVERYONE : new Channel.Topic(name));
    }
    if (text.startsWith("/")) {
      throw new IllegalArgumentException(
          "destination: has to be a channel, /topic/<name>, /user/queue/<name>, /queue/session or"
              + " /app/<method>");
    }
    Channel channel = Channel.parse(text);
    if (channel instanceof Channel.Login) {
      throw new IllegalArgumentException("destination: logins are not followed over STOMP");
    }
    return new OfChannel(channel);
  }

  /** Whether the answers to calls of a method come to this destination. */
  static boolean isOfReplies(String text, String method) {
    return text.startsWith(REPLY) && dotted(text.substring(REPLY.length())).equals(method);
  }

  private static String dotted(String path) {
    return path.replace('/', '.');
  }
}

package io.heliograph.protocol.http;

import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.hub.SessionStart;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.message.Utf8;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.protocol.v1.JsonRequests;
import io.heliograph.session.Identity;
import io.heliograph.web.MaxBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * The body of a POST that connects: frames of version 1 that subscribe, one a line. With it a
 * client that no WebSocket reaches subscribes to each channel with its own token, from its own
 * position, and gets the server's frames in the answer. Everything is said anew in each request, so
 * any node can answer it.
 */
record FrameRequest(List<ClientRequest.Subscribe> subscribes) {

  static final String TYPE = MediaType.APPLICATION_NDJSON_VALUE;

  /** More than the default of {@code heliograph.session.max-subscriptions}. */
  private static final int MAX_FRAMES = 128;

  /**
   * Reads the body of a request.
   *
   * @throws ProblemException for a body that is something else, or too much
   */
  static FrameRequest read(HttpServletRequest request) throws IOException {
    String type = request.getContentType();
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(TYPE)) {
      throw new ProblemException(
          ProblemType.UNSUPPORTED_MEDIA_TYPE, "The body must be of the type " + TYPE + ".");
    }
    byte[] body = request.getInputStream().readNBytes((int) MaxBody.USUAL + 1);
    if (body.length > MaxBody.USUAL) {
      throw new ProblemException(
          ProblemType.PAYLOAD_TOO_LARGE, "This call takes at most " + MaxBody.USUAL + " bytes.");
    }
    String text;
    try {
      text = Utf8.decode(body, 0, body.length);
    } catch (CharacterCodingException e) {
      throw ProblemException.invalid("", "is not UTF-8");
    }
    List<String> lines = text.lines().toList();
    if (lines.size() > MAX_FRAMES) {
      throw ProblemException.invalid(
          "", "may have at most " + MAX_FRAMES + " lines, but has " + lines.size());
    }
    List<ClientRequest.Subscribe> subscribes = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      subscribes.add(frame(lines.get(i), "line " + (i + 1)));
    }
    return new FrameRequest(subscribes);
  }

  private static ClientRequest.Subscribe frame(String line, String place) {
    ClientRequest request;
    try {
      request = JsonRequests.parse(line);
    } catch (JsonRequests.Invalid | JsonRequests.Malformed e) {
      throw ProblemException.invalid(place, String.valueOf(e.getMessage()));
    }
    if (request instanceof ClientRequest.Subscribe subscribe) {
      return subscribe;
    }
    throw ProblemException.invalid(place, "type: must be subscribe; others need a WebSocket");
  }

  /** The session's own channels resume as it starts; the welcome says what they lost. */
  SessionStart start(Identity identity, @Nullable Duration lifetime) {
    Map<Channel, Position> since = new HashMap<>();
    for (ClientRequest.Subscribe subscribe : subscribes) {
      Position position = subscribe.since();
      if (position != null && isOwn(subscribe, identity)) {
        since.put(subscribe.channel(), position);
      }
    }
    return new SessionStart(List.of(), since, Set.of(), lifetime);
  }

  /** What is left to the conversation, which answers each. */
  List<ClientRequest> others(Identity identity) {
    return subscribes.stream()
        .filter(subscribe -> subscribe.since() == null || !isOwn(subscribe, identity))
        .map(ClientRequest.class::cast)
        .toList();
  }

  private static boolean isOwn(ClientRequest.Subscribe subscribe, Identity identity) {
    return switch (subscribe.channel()) {
      case Channel.Everyone _ -> true;
      case Channel.User user -> user.id().equals(identity.user());
      case Channel.OneSession _, Channel.Topic _, Channel.Login _ -> false;
    };
  }

  /** Hands requests over in order. Done when the last one was taken; never fails. */
  static CompletableFuture<Void> handOver(
      ClientConversation conversation, List<ClientRequest> requests) {
    CompletableFuture<Void> taken = CompletableFuture.completedFuture(null);
    for (ClientRequest request : requests) {
      taken = taken.thenCompose(_ -> conversation.onRequest(request));
    }
    return taken;
  }
}

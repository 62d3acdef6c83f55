package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a client shows with CONNECT, in socket.io-client the option {@code auth}. Members that are
 * not known are passed over: the option is the application's, and may hold anything.
 *
 * @param token null: what the handshake showed counts
 * @param positions where the client was, by channel; null: it does not say, as at its first time
 * @param channels what it wants to follow; null: all that its token names
 * @param privateId of the session that it wants to recover; null: none
 * @param offset the last one that it got there
 */
record ConnectRequest(
    @Nullable String token,
    @Nullable Map<Channel, Position> positions,
    @Nullable List<Channel> channels,
    @Nullable String privateId,
    @Nullable String offset) {

  /** The most channels that a client may name, as on other transports without subscribing. */
  private static final int MAX_CHANNELS = 64;

  @Override
  public String toString() {
    return "connect";
  }

  /**
   * @param members of CONNECT's data, each a JSON text
   */
  static ConnectRequest of(Map<String, String> members) throws InvalidRequestException {
    return new ConnectRequest(
        Arguments.text(members, "token"),
        positions(members.get("positions")),
        channels(members.get("channels")),
        Arguments.text(members, "pid"),
        Arguments.text(members, "offset"));
  }

  private static @Nullable Map<Channel, Position> positions(@Nullable String json)
      throws InvalidRequestException {
    JsonNode tree = tree(json);
    if (tree == null) {
      return null;
    }
    if (!tree.isObject() || tree.size() > MAX_CHANNELS) {
      throw new InvalidRequestException(
          "positions: have to be an object with a position for each of at most %d channels"
              .formatted(MAX_CHANNELS));
    }
    Map<Channel, Position> positions = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : tree.properties()) {
      if (!each.getValue().isString()) {
        throw new InvalidRequestException("positions: each has to be a string");
      }
      positions.put(
          Arguments.channel(each.getKey()),
          Arguments.position(each.getValue().stringValue(), "positions"));
    }
    return positions.isEmpty() ? null : positions;
  }

  private static @Nullable List<Channel> channels(@Nullable String json)
      throws InvalidRequestException {
    JsonNode tree = tree(json);
    if (tree == null) {
      return null;
    }
    if (!tree.isArray() || tree.size() > MAX_CHANNELS) {
      throw new InvalidRequestException(
          "channels: have to be an array of at most " + MAX_CHANNELS + " channels");
    }
    List<Channel> channels = new ArrayList<>();
    for (JsonNode each : tree) {
      if (!each.isString()) {
        throw new InvalidRequestException("channels: each has to be a string");
      }
      channels.add(Arguments.channel(each.stringValue()));
    }
    return channels;
  }

  /** Null when the member is missing or JSON's null. */
  private static @Nullable JsonNode tree(@Nullable String json) throws InvalidRequestException {
    if (json == null || json.equals("null")) {
      return null;
    }
    JsonNode tree = Arguments.tree(json);
    if (tree == null) {
      throw new InvalidRequestException("CONNECT: a member cannot be read");
    }
    return tree;
  }
}

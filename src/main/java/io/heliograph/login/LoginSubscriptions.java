package io.heliograph.login;

import io.heliograph.hub.ChannelStates;
import io.heliograph.message.Channel;
import io.heliograph.session.StateVersion;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rules of subscriptions to logins, and the logins with subscribers on this node. */
final class LoginSubscriptions implements ChannelStates {

  private final JsonMapper json;
  private final Set<Channel.Login> subscribed = ConcurrentHashMap.newKeySet();

  LoginSubscriptions(JsonMapper json) {
    this.json = json;
  }

  @Override
  public boolean cover(Channel channel) {
    return channel instanceof Channel.Login;
  }

  @Override
  public @Nullable StateVersion version(String text) {
    JsonNode state = json.readTree(text);
    JsonNode version = state.path("version");
    return version.isIntegralNumber() && state.path("state").isString()
        ? new StateVersion(version.asLong(), state.path("final").asBoolean(false))
        : null;
  }

  @Override
  public String noun() {
    return "logins";
  }

  @Override
  public int maxPerSession() {
    return 4;
  }

  @Override
  public int maxSubscribers() {
    return 3;
  }

  @Override
  public void onSubscribed(Channel channel, boolean isSubscribed) {
    if (channel instanceof Channel.Login login) {
      if (isSubscribed) {
        subscribed.add(login);
      } else {
        subscribed.remove(login);
      }
    }
  }

  /** The logins with subscribers on this node; a live view. */
  Set<Channel.Login> subscribed() {
    return Collections.unmodifiableSet(subscribed);
  }
}

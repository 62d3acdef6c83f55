package io.heliograph.login.wechat;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The WeChat clients, one for each kind of account that is configured. */
public final class WeChatApis {

  private final Map<WeChatProperties.Kind, WeChatApi> apisByKind =
      new EnumMap<>(WeChatProperties.Kind.class);

  WeChatApis(WeChatAccounts accounts, Function<WeChatAccount, WeChatApi> connect) {
    for (WeChatProperties.Kind kind : WeChatProperties.Kind.values()) {
      accounts.first(kind).ifPresent(account -> apisByKind.put(kind, connect.apply(account)));
    }
  }

  /** Empty when no such account is configured. */
  public Optional<WeChatApi> of(WeChatProperties.Kind kind) {
    return Optional.ofNullable(apisByKind.get(kind));
  }
}

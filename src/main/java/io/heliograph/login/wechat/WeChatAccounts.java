package io.heliograph.login.wechat;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The configured accounts. An account whose settings cannot authenticate callbacks stops the start.
 */
final class WeChatAccounts {

  private final Map<String, WeChatAccount> accountsById;

  WeChatAccounts(WeChatProperties properties) {
    accountsById =
        properties.accounts().entrySet().stream()
            .map(account -> WeChatAccount.of(account.getKey(), account.getValue()))
            .collect(Collectors.toUnmodifiableMap(WeChatAccount::id, account -> account));
  }

  boolean isKnown(String id) {
    return accountsById.containsKey(id);
  }

  /**
   * @throws WeChatRefusal 404 when no account with callbacks has this name
   */
  WeChatAccount official(String id) {
    WeChatAccount account = accountsById.get(id);
    if (account == null || account.kind() != WeChatProperties.Kind.OFFICIAL_ACCOUNT) {
      throw WeChatRefusal.unknownAccount();
    }
    return account;
  }

  /** The account for a kind of login; of several, the first by name. */
  Optional<WeChatAccount> first(WeChatProperties.Kind kind) {
    return accountsById.values().stream()
        .filter(account -> account.kind() == kind)
        .min(Comparator.comparing(WeChatAccount::id));
  }
}

package io.heliograph.login.wechat;

import io.heliograph.login.QrProvider;
import java.time.Duration;

/**
 * The provider for official accounts: WeChat makes the code, and scanning it sends an event with
 * the ticket.
 */
final class WeChatCode implements QrProvider {

  /** The code outlives the ticket, so that the ticket's own expiry decides. */
  private static final Duration LONGER = Duration.ofMinutes(1);

  private final WeChatApi api;

  WeChatCode(WeChatApi api) {
    this.api = api;
  }

  @Override
  public String id() {
    return WeChatEvents.PROVIDER;
  }

  @Override
  public QrContent prepare(QrOrder order) {
    try {
      WeChatApi.QrCode code = api.createQr(order.ticket(), order.life().plus(LONGER));
      return new QrContent(code.content(), code.reference());
    } catch (WeChatUnavailableException e) {
      throw new ProviderUnavailableException("WeChat created no code", e);
    }
  }
}

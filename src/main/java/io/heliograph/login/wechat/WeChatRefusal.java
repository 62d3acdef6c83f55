package io.heliograph.login.wechat;

/**
 * Ends a callback of WeChat with a bare status, which is all that WeChat understands; an answer,
 * not a fault.
 */
final class WeChatRefusal extends RuntimeException {

  private final int status;

  private WeChatRefusal(int status, String reason) {
    super(reason, null, false, false);
    this.status = status;
  }

  static WeChatRefusal malformed() {
    return new WeChatRefusal(400, "malformed");
  }

  /** One answer for every cause. */
  static WeChatRefusal forged() {
    return new WeChatRefusal(403, "forged");
  }

  static WeChatRefusal tooLarge() {
    return new WeChatRefusal(413, "too large");
  }

  /** Nothing changed yet, so WeChat's retry is the recovery. */
  static WeChatRefusal unavailable() {
    return new WeChatRefusal(503, "unavailable");
  }

  static WeChatRefusal unknownAccount() {
    return new WeChatRefusal(404, "unknown account");
  }

  int status() {
    return status;
  }
}

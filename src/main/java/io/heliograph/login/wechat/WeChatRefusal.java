package io.heliograph.login.wechat;

/**
 * Ends a WeChat callback with a bare status, the only form of error that WeChat understands. An
 * expected outcome, without a stack trace.
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

  /** The same answer for every cause. */
  static WeChatRefusal forged() {
    return new WeChatRefusal(403, "forged");
  }

  static WeChatRefusal tooLarge() {
    return new WeChatRefusal(413, "too large");
  }

  /** Nothing has changed yet, so WeChat's retry recovers. */
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

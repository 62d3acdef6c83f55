package io.heliograph.login.wechat;

import io.heliograph.login.LoginNotice;

/** Sends login notices in the chat with the official account through which the user confirmed. */
final class WeChatNotice implements LoginNotice {

  private final WeChatApi api;

  WeChatNotice(WeChatApi api) {
    this.api = api;
  }

  @Override
  public String provider() {
    return WeChatEvents.PROVIDER;
  }

  @Override
  public void send(LoggedIn login) {
    String device = login.label().isEmpty() ? "" : "（" + login.label() + "）";
    api.write(
        login.subject(),
        "您刚刚扫码登录了 " + login.site() + device + "。\n如果不是您本人操作，请点击：\n" + login.notMe());
  }
}

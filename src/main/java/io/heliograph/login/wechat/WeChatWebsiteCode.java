package io.heliograph.login.wechat;

import io.heliograph.login.QrProvider;

/**
 * The provider for website logins: the browser navigates to WeChat, which shows its own code and
 * asks the user.
 */
final class WeChatWebsiteCode implements QrProvider {

  @Override
  public String id() {
    return WeChatLoginController.PROVIDER;
  }

  @Override
  public boolean confirmsItself() {
    return true;
  }

  @Override
  public QrContent prepare(QrOrder order) {
    return new QrContent(order.base() + "/login/wechat/start?ticket=" + order.ticket(), null);
  }
}

package io.heliograph.login.wechat;

import org.jspecify.annotations.Nullable;

/**
 * WeChat's API does not answer, or not in time, or not with what was asked for. Never holds what
 * was sent.
 */
public class WeChatUnavailableException extends RuntimeException {

  public WeChatUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

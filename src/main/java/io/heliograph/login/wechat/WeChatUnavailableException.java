package io.heliograph.login.wechat;

import org.jspecify.annotations.Nullable;

/**
 * WeChat's API did not answer in time or returned an unexpected answer. The message never contains
 * what was sent.
 */
public class WeChatUnavailableException extends RuntimeException {

  public WeChatUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

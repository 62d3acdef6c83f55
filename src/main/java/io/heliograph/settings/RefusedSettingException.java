package io.heliograph.settings;

/**
 * Stops the start because a setting is missing, weak, unknown or contradicts another. Names the
 * setting, never a secret's value.
 */
public class RefusedSettingException extends RuntimeException {

  private final String setting;
  private final String reason;

  public RefusedSettingException(String setting, String reason) {
    super(setting + " " + reason);
    this.setting = setting;
    this.reason = reason;
  }

  /** The property's full name. */
  public String setting() {
    return setting;
  }

  public String reason() {
    return reason;
  }
}

-- Answer   {now}

return {now}

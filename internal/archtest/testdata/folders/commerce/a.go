package commerce

"""The pages before anybody is signed in: plain HTML and real form posts, as only those can set a cookie."""

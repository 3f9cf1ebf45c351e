"""
http_server.py CLASS FILE: a server of http.server's CLASS. Its port goes to FILE; it ends when
somebody asks for /end (clients.py does, at last).
"""
import http.server
import os
import sys
import threading


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"hello\n")
        if self.path == "/end":
            threading.Thread(target=self.server.shutdown).start()

    def log_message(self, *_):
        pass


server = getattr(http.server, sys.argv[1])(("127.0.0.1", 0), Page)
with open(sys.argv[2] + ".new", "w", encoding="ascii") as f:
    f.write(str(server.server_address[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever(poll_interval=0.1)

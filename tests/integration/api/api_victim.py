"""One server in a process of its own: the API and the engine as Home.py has them, until it is killed."""

import sys

import uvicorn
from starlette.applications import Starlette

from core.api.app import create_api
from core.api.front import ROOT_ROUTES, mounted
from core.api.sockets import AtRoot
from core.bootstrap import running
from core.engine.lifespan import engine_lifespan
from core.settings import load_settings

if __name__ == "__main__":
    api = create_api(running, load_settings(), exposed=False)
    app = Starlette(routes=[mounted(api), AtRoot(api).route(), *ROOT_ROUTES], lifespan=engine_lifespan)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, ws="websockets-sansio")

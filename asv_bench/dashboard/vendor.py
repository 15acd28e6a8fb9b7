"""asv's pages load their libraries from the network; with copies beside them they need none.

    npm install --no-package-lock --ignore-scripts --prefix asv_bench/dashboard

puts the copies where this module looks for them.
"""

import re
import shutil
from pathlib import Path

MODULES = Path(__file__).parent / "node_modules"
# By the name at the end of the address that asv's page has.
LIBRARIES = {
    r"jquery-[\d.]+\.min\.js": "jquery/dist/jquery.min.js",
    r"jquery\.flot\.min\.js": "flot/jquery.flot.js",
    r"jquery\.flot\.time\.min\.js": "flot/jquery.flot.time.js",
    r"jquery\.flot\.selection\.min\.js": "flot/jquery.flot.selection.js",
    r"jquery\.flot\.categories\.min\.js": "flot/jquery.flot.categories.js",
    r"jquery\.flot\.orderBars\.js": "flot-orderbars/js/jquery.flot.orderBars.js",
    r"stupidtable\.min\.js": "stupid-table-plugin/stupidtable.min.js",
    r"md5\.min\.js": "blueimp-md5/js/md5.min.js",
    r"bootstrap\.min\.js": "bootstrap/dist/js/bootstrap.min.js",
    r"bootstrap\.min\.css": "bootstrap/dist/css/bootstrap.min.css",
}


def copy_libraries(folder):
    """Put the libraries into folder, where asv published, and let its page load them; nothing if they are not there."""
    if not MODULES.is_dir():
        return
    target = folder / "vendor"
    target.mkdir(exist_ok=True)
    page = folder / "index.html"
    text = page.read_text()
    for name, source in LIBRARIES.items():
        shutil.copy(MODULES / source, target)
        address = rf'="https://[^"]*/{name}"(?: (?:integrity|crossorigin|referrerpolicy)="[^"]*")*'
        text, found = re.subn(address, f'="vendor/{Path(source).name}"', text)
        if not found:
            raise RuntimeError(f"asv's page does not load {name}: LIBRARIES in {__file__} must follow asv")
    page.write_text(text)

/// The parts of a path, as bytes between slashes. Foundation's `NSString` has the same, but in Swift 6.3 its path methods end the
/// program where a path is one character long (`a`, `.`).
extension String {
    /// The folder that what the path names lies in: `a/b` of `a/b/c` and of `a/b/c/`, `/` of `/a` and of `/`; empty for a name
    /// alone.
    package var parentFolder: String {
        let path = withoutTrailingSlashes
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash]).withoutTrailingSlashes
    }

    /// What the path names in its folder: `c` of `a/b/c` and of `a/b/c/`; `/` of `/`.
    package var fileName: String {
        let path = withoutTrailingSlashes
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), path != "/" else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// What follows the last point of the file's name: `csv` of `a/b.csv`; empty where there is none, or where the name begins with it.
    package var fileExtension: String {
        let name = fileName
        guard let point = name.utf8.lastIndex(of: UInt8(ascii: ".")), point != name.startIndex else { return "" }
        return String(name[name.utf8.index(after: point)...])
    }

    private var withoutTrailingSlashes: String {
        var path = utf8[...]
        while path.count > 1, path.last == UInt8(ascii: "/") { path = path.dropLast() }
        return String(path) ?? self
    }
}

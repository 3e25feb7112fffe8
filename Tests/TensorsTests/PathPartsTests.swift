import Testing

@testable import Tensors

@Suite("The parts of a path")
struct PathPartsTests {
    @Test(
        "are what Foundation's are, also of paths of one character, which end Foundation's",
        arguments: [
            ("a", "", "a", ""), (".", "", ".", ""), ("/", "/", "/", ""), ("", "", "", ""), ("ab", "", "ab", ""),
            ("a/b", "a", "b", ""), ("/a", "/", "a", ""), ("a/b/", "a", "b", ""), ("a//b", "a", "b", ""),
            ("/a/b/c.tar.gz", "/a/b", "c.tar.gz", "gz"), (".csv", "", ".csv", ""), ("a/.csv", "a", ".csv", ""),
            ("é/ü.CSV", "é", "ü.CSV", "CSV"), ("a.b/c", "a.b", "c", ""), ("//", "/", "/", ""), ("a.", "", "a.", ""),
        ])
    func parts(path: String, folder: String, name: String, suffix: String) {
        #expect(path.parentFolder == folder && path.fileName == name && path.fileExtension == suffix)
    }
}

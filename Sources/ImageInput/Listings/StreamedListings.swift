public import Foundation
import Tensors

/// The pictures that a stream names, such as the standard input: a path a line, also with a NUL behind each as `find -print0` writes, or a
/// JSON object a line as in `PathTable`, which may bring the picture's bytes along.
///
/// A stream may be longer than memory: it comes as several listings, none of which has more than 256 MiB of pictures.
public struct StreamedListings {
    private let input: FileHandle
    private let allowsOutside: Bool
    private let folder: String
    private let limits: Limits
    private var intake: RowIntake
    private var rest = Data()
    /// How much of `rest` has no end of a line in it.
    private var searched = 0
    private var (isAtEnd, lines): (Bool, Int) = (false, 0)
    private var form: Form?

    private struct Form {
        let separator: UInt8
        let areObjects: Bool
    }

    /// When a listing is full, and the longest line.
    struct Limits {
        var bytes = 256 << 20
        var line = 1 << 30
    }

    /// The pictures of `input`. Relative paths begin at the working directory; those of objects may lead out of it only where
    /// `allowsOutside`.
    public init(_ input: FileHandle, allowsOutside: Bool = false) throws {
        try self.init(input, allowsOutside: allowsOutside, limits: Limits())
    }

    init(_ input: FileHandle, allowsOutside: Bool, limits: Limits) throws {
        (self.input, self.allowsOutside, self.limits) = (input, allowsOutside, limits)
        folder = try FilePath.real(".")
        intake = RowIntake(list: "standard input", folder: folder, allowsOutside: allowsOutside)
    }

    /// The next listing; nil after the last. Throws `InputError` where the stream cannot be read or is not UTF-8.
    public mutating func next() throws -> PictureListing? {
        var bytes = 0
        while bytes < limits.bytes, let line = try nextLine() {
            guard let text = String(data: line, encoding: .utf8) else {
                throw InputError("standard input, line \(lines)", "is not UTF-8", remedy: "Rename the file.")
            }
            guard !text.isEmpty else { continue }
            let known = intake.pictures.count
            intake.take(PathTable(lines: [(lines, text)], areObjects: form?.areObjects ?? false))
            bytes += intake.pictures.dropFirst(known).reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        }
        let (pictures, refused) = intake.drain()
        guard !pictures.isEmpty || !refused.isEmpty else { return nil }
        return PictureListing(root: folder, isFolder: false, pictures: pictures, otherFiles: 0, refused: refused)
    }

    private mutating func nextLine() throws -> Data? {
        while true {
            if let form, let length = lineLength(form.separator) {
                let line = rest.prefix(length)
                (rest, searched) = (rest.dropFirst(length + 1), 0)
                lines += 1
                return form.separator == 10 && line.last == 13 ? line.dropLast() : line
            }
            guard !isAtEnd else { return takeLast() }
            guard rest.count <= limits.line else {
                throw InputError("standard input", "has a line of more than \(limits.line) bytes")
            }
            try read()
        }
    }

    /// The bytes before the next end of a line; nil where there is none yet.
    private mutating func lineLength(_ separator: UInt8) -> Int? {
        let length = rest.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress, bytes.count > searched else { return nil }
            return memchr(start + searched, Int32(separator), bytes.count - searched).map {
                UnsafeRawPointer($0) - start
            }
        }
        if length == nil { searched = rest.count }
        return length
    }

    private mutating func takeLast() -> Data? {
        guard !rest.isEmpty else { return nil }
        defer { rest = Data() }
        lines += 1
        return rest
    }

    private mutating func read() throws {
        let piece: Data?
        do { piece = try input.read(upToCount: 1 << 20) } catch {
            throw InputError("standard input", "cannot be read: \(InputError.reason(of: error))")
        }
        guard let piece, !piece.isEmpty else {
            isAtEnd = true
            return decideForm()
        }
        // A copy, so that lines that were taken do not stay in memory.
        if rest.startIndex > 0 { rest = Data(rest) }
        rest.append(piece)
        decideForm()
    }

    /// The first bytes tell: an object, or paths, which have no NUL within them.
    private mutating func decideForm() {
        guard form == nil, !rest.isEmpty else { return }
        let isObject = rest.first { $0 != 10 && $0 != 13 && $0 != 32 } == UInt8(ascii: "{")
        form = Form(separator: !isObject && rest.contains(0) ? 0 : 10, areObjects: isObject)
        if !isObject { intake = RowIntake(list: "standard input", folder: folder, allowsOutside: true) }
    }
}

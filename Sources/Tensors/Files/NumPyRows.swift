import Foundation

/// The rows of a two-dimensional array in a `.npy` file, or of the one array of a `.npz` file, read a few at a time.
public struct NumPyRows: Sendable {
    /// The number of rows.
    public let count: Int
    /// The numbers of a row.
    public let width: Int
    private let type: ElementType
    private let start: Int
    private let source: Source

    private enum Source {
        case file(MappedFile)
        case member(Data)
    }

    /// Opens the file at `path`; an array of one dimension is one row. Throws `InputError` where it cannot be read, is damaged, holds
    /// several arrays, or one of other dimensions.
    public init(path: String) throws {
        let file = try MappedFile(path: path)
        source = ZipArchive.looksLikeOne(file) ? .member(try Self.member(of: path)) : .file(file)
        let layout: (shape: [Int], type: ElementType, start: Int)
        do { layout = try Self.withBytes(source) { try NumPyFile.layout(of: $0) } } catch let error as InputError {
            throw error.within(path)
        }
        guard (1...2).contains(layout.shape.count), layout.shape.allSatisfy({ $0 > 0 }) else {
            throw InputError(
                path, "has an array of shape \(layout.shape)",
                remedy: "Give one with a row for each vector: [count, dimension].")
        }
        (type, start) = (layout.type, layout.start)
        (count, width) = (layout.shape.count == 1 ? 1 : layout.shape[0], layout.shape[layout.shape.count - 1])
    }

    private static func member(of path: String) throws -> Data {
        let archive = try ZipArchive(path: path)
        let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
        guard arrays.count == 1 else {
            let names = arrays.map(\.name).joined(separator: ", ")
            throw InputError(path, "holds \(arrays.count) arrays (\(names))", remedy: "Save the features alone.")
        }
        return try archive.contents(of: arrays[0])
    }

    private static func withBytes<Result>(
        _ source: Source, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        switch source {
        case .file(let file): try file.withUnsafeBytes(body)
        case .member(let data): try data.withUnsafeBytes(body)
        }
    }

    /// Some rows as `Float`, shape `[range.count, width]`.
    public func matrix(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
        let begin = start + range.lowerBound * width * type.size
        let values = Self.withBytes(source) { bytes in
            type.floats(in: UnsafeRawBufferPointer(rebasing: bytes[begin...]), count: range.count * width)
        }
        return Matrix(rows: range.count, columns: width, elements: values)
    }
}

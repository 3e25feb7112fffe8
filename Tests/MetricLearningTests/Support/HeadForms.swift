import Tensors

@testable import MetricLearning

/// Heads in every form that there is.
enum HeadForms {
    static let all: [HeadArchitecture] = [1, 2, 3].flatMap { layers in
        [true, false].flatMap { normalizesOutput in
            [true, false].flatMap { hasBias in
                [nil, 5].map { width in
                    var form = HeadArchitecture()
                    (form.layers, form.width) = (layers, width)
                    (form.normalizesOutput, form.hasBias) = (normalizesOutput, hasBias)
                    return form
                }
            }
        }
    }

    /// From 6 to 4 dimensions.
    static let shortcut = Shortcut(
        mean: .random(1, 6, seed: 41), projection: .random(4, 6, seed: 42), residualWeight: 0.7)

    /// A head from 6 to 4 dimensions whose parameters are all away from what they begin with.
    static func head(_ form: HeadArchitecture, shortcut: Shortcut?) -> ProjectionHead {
        var head = ProjectionHead(
            inputDimension: 6, outputDimension: 4, architecture: form, shortcut: shortcut, seed: 12)
        for index in head.parameters.indices {
            let (rows, columns) = (head.parameters[index].rows, head.parameters[index].columns)
            let noise = Matrix.random(rows, columns, seed: UInt64(index))
            for row in 0..<rows {
                for column in 0..<columns { head.parameters[index][row, column] += 0.3 * noise[row, column] }
            }
        }
        return head
    }
}
